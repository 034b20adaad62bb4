import type { StepResult } from "../machine.ts";
import type { Dependency } from "../../release.ts";
import type { Run } from "../run.ts";
import { followOutput } from "./follow-output.ts";
import { watchServices } from "./watch.ts";

/** A service, by its full name, and how far it must have come. */
export interface Awaited {
  readonly name: string;
  readonly condition: Dependency["condition"];
}

/**
 * Waits for services that others depend on: until they run (healthy, where they have a health check: Swarm calls no task
 * running before) or, for jobs, until they are over. The failure, when one fails; else null.
 */
export async function awaitServices(
  run: Run,
  awaited: readonly Awaited[],
): Promise<Extract<StepResult, { readonly kind: "failed" }> | null> {
  if (awaited.length === 0) return null;
  followOutput(run);
  for (const until of ["running", "proved"] as const) {
    const names = awaited
      .filter(({ condition }) => (condition === COMPLETED) === (until === "proved"))
      .map(({ name }) => name);
    if (names.length === 0) continue;
    const result = await watchServices(run, { step: "apply", names, until });
    if (result.kind === "failed") return result;
  }
  return null;
}

const COMPLETED: Dependency["condition"] = "service_completed_successfully";

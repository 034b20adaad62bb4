import { SKEP_LABELS } from "../../swarm-objects.ts";
import { serviceNameOf } from "../desired.ts";
import type { StepResult } from "../machine.ts";
import type { Run } from "../run.ts";
import { readApplied } from "./apply.ts";

/**
 * Sends the spec that ran before, unless nothing was changed or Swarm has gone back by itself; removes a service that
 * never ran.
 */
export async function restorePrevious(run: Run): Promise<StepResult> {
  const { swarm } = run.deps;
  const name = serviceNameOf(run);
  const applied = readApplied(run);
  if (!applied) return { kind: "no_previous" };
  const { previous, version } = applied;
  if (previous === null) {
    await run.effect("restore", { removed: name }, () => swarm.removeService(name));
    run.say(`removed service ${name}: nothing ran here before`);
    return { kind: "no_previous" };
  }
  const live = await swarm.service(name);
  // The engine went away before it took the spec.
  if (live?.version === version) return { kind: "no_previous" };
  if (live && live.spec.Labels[SKEP_LABELS.deployment] !== run.deployment().id) {
    const isOurs = run.journalEntry("restore") !== null;
    return { kind: "done", note: isOurs ? null : "Swarm went back by itself" };
  }
  await run.effect("restore", { service: name }, async () => {
    if (live) await swarm.updateService(live, previous);
    else await swarm.createService(previous);
  });
  return { kind: "done", note: "previous release sent" };
}

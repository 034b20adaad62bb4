import { z } from "zod";
import { desiredSpec, serviceNameOf } from "../desired.ts";
import type { StepResult } from "../machine.ts";
import { planService } from "../plan.ts";
import type { LiveService } from "../ports.ts";
import type { Run } from "../run.ts";
import type { ServiceSpec } from "../service-spec.ts";

const applied = z.object({
  /** Version of the live service that the update was made on; null for a create. */
  version: z.number().nullable(),
  /** What ran before; null when nothing did. */
  previous: z
    .custom<ServiceSpec>((value) => typeof value === "object" && value !== null)
    .nullable(),
});

/** What `apply` changed, as its journal entry keeps it. */
export type Applied = z.infer<typeof applied>;

/** What `apply` journalled; null when it sent nothing. */
export function readApplied(run: Run): Applied | null {
  const entry = run.journalEntry("apply");
  return entry ? applied.parse(entry.data) : null;
}

/** Creates or updates the service; sends nothing when the Swarm has the spec already. */
export async function applyService(run: Run): Promise<StepResult> {
  const { swarm } = run.deps;
  const desired = desiredSpec(run);
  const live = await swarm.service(serviceNameOf(run));
  const begun = readApplied(run);
  if (begun && hasHappened(begun, live, run.deployment().id)) {
    await run.found("apply", begun);
    return { kind: "done", note: null };
  }
  if (live && planService({ desired, live }).every(({ kind }) => kind === "keep")) {
    return { kind: "done", note: "nothing to change", skipped: true };
  }
  const about: Applied = { version: live?.version ?? null, previous: live?.spec ?? null };
  await run.effect("apply", about, async () => {
    if (live) await swarm.updateService(live, desired);
    else await swarm.createService(desired);
  });
  return { kind: "done", note: null };
}

/** Whether an interrupted call reached the engine: the service is ours, or has moved on since (a rollback). */
function hasHappened(begun: Applied, live: LiveService | null, deploymentId: string): boolean {
  if (!live) return false;
  if (live.spec.Labels["skep.deployment"] === deploymentId) return true;
  return begun.version !== null && live.version !== begun.version;
}

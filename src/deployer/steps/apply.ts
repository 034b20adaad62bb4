import { z } from "zod";
import { SKEP_LABELS } from "../../swarm-objects.ts";
import { desiredSpec, serviceNameOf } from "../desired.ts";
import type { StepResult } from "../machine.ts";
import { planService } from "../plan/plan.ts";
import type { LiveService } from "../ports.ts";
import type { Run } from "../run.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import type { JournalEntry } from "../../store/ports.ts";

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

/** The engine's clock may differ from ours by this much. */
const CLOCK_SKEW_MS = 5_000;

/** Creates or updates the service; sends nothing when the Swarm has the spec already. */
export async function applyService(run: Run): Promise<StepResult> {
  const { swarm } = run.deps;
  const live = await swarm.service(serviceNameOf(run));
  const desired = desiredSpec(run, live);
  const begun = run.journalEntry("apply");
  if (begun && hasHappened(run, begun, live)) {
    await run.found("apply", begun.data);
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

/**
 * Whether an interrupted call reached the engine: the service is ours, or Swarm has begun to roll ours back. A version
 * that moved for another reason (somebody else's change) means that it did not, and the spec is sent again.
 */
function hasHappened(run: Run, begun: JournalEntry, live: LiveService | null): boolean {
  if (!live || live.version === readApplied(run)?.version) return false;
  if (live.spec.Labels[SKEP_LABELS.deployment] === run.deployment().id) return true;
  const { state = "", startedAt = null } = live.update ?? {};
  const isRollback = state.startsWith("rollback") && startedAt !== null;
  return isRollback && startedAt >= begun.at - CLOCK_SKEW_MS;
}

import { z } from "zod";
import type { ServiceSpec } from "../swarm-objects.ts";
import type { StackPlan } from "./plan/stack-plan.ts";
import type { LiveService } from "./ports.ts";
import type { Run } from "./run.ts";
import type { JournalEntry } from "../store/ports.ts";

const spec = z.custom<ServiceSpec>((value) => typeof value === "object" && value !== null);

const applied = z.object({
  /** By full name, each service that is created or changed. */
  services: z.record(
    z.string(),
    z.object({
      /** Version of the live service that the change was made on; null for a create. */
      version: z.number().nullable(),
      /** What ran before; null when nothing did. */
      previous: spec.nullable(),
    }),
  ),
  /** By full name, what ran of each service that is removed. */
  removed: z.record(z.string(), spec),
});

/** What a deployment changes of the services of its stack, and what ran before. */
export type Applied = z.infer<typeof applied>;

/** What `apply` journalled before it began; null when it had nothing to send. */
export function readApplied(run: Run): Applied | null {
  const entry = run.journalEntry("apply");
  return entry ? applied.parse(entry.data) : null;
}

/** What carrying out a plan changes. */
export function appliedBy(plan: StackPlan): Applied {
  const changed = plan.services.filter(({ kind }) => kind !== "keep");
  return {
    services: Object.fromEntries(
      changed.map(({ spec: { Name }, live }) => [
        Name,
        { version: live?.version ?? null, previous: live?.spec ?? null },
      ]),
    ),
    removed: Object.fromEntries(plan.removals.map(({ live }) => [live.spec.Name, live.spec])),
  };
}

/** What an earlier attempt began, and what has to be changed besides since: what ran before is what ran at first. */
export function joinApplied(begun: Applied | null, now: Applied): Applied {
  if (begun === null) return now;
  // In the order of the first attempt, in which its way back goes too.
  return {
    services: { ...begun.services, ...now.services, ...begun.services },
    removed: { ...begun.removed, ...now.removed, ...begun.removed },
  };
}

/** The engine's clock may differ from ours by this much. */
const CLOCK_SKEW_MS = 5_000;

/**
 * Whether Swarm has given an update of ours up by itself: takes it back, or has paused it. To send it again would only
 * repeat what failed. A version that moved for another reason (somebody else's change) does not count.
 */
export function isGivenUp(
  live: LiveService,
  change: Applied["services"][string],
  begun: JournalEntry,
): boolean {
  if (live.version === change.version) return false;
  const { state = "", startedAt = null } = live.update ?? {};
  const isOver = state.startsWith("rollback") || state === "paused";
  return isOver && startedAt !== null && startedAt >= begun.at - CLOCK_SKEW_MS;
}

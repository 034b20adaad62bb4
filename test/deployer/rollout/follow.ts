import { judge, judgeRollback } from "../../../src/deployer/rollout/judge.ts";
import { startHistory, type RolloutHistory } from "../../../src/deployer/rollout/history.ts";
import type { RolloutLimits } from "../../../src/deployer/rollout/limits.ts";
import type { JudgeRequest } from "../../../src/deployer/rollout/verdict.ts";
import type { LiveService, LiveTask } from "../../../src/deployer/ports.ts";

/** When the roll-outs of these tests begin, in milliseconds since the epoch. */
export const START = 1_000_000;

/** The limits of these tests. */
export const limits: RolloutLimits = {
  pendingMs: 30_000,
  startingMs: 60_000,
  rolloutMs: 300_000,
  windowMs: 5_000,
  failuresPerSlot: 3,
};

/** One look at a service; `at` counts from `START`. */
export interface Moment {
  readonly at: number;
  readonly service: LiveService | null;
  readonly tasks: readonly LiveTask[];
  readonly nodes?: ReadonlyMap<string, string>;
}

/** Feeds the moments one after the other, and gives the verdict of each. */
export function follow(
  moments: readonly Moment[],
  change: Partial<JudgeRequest> & { readonly rollback?: boolean } = {},
) {
  let history: RolloutHistory = startHistory(START);
  const decide = change.rollback ? judgeRollback : judge;
  return moments.map(({ at, ...seen }) => {
    const observation = { now: START + at, ...seen };
    const result = decide({ deploymentId: "dep_new", observation, history, limits, ...change });
    history = result.history;
    return result.verdict;
  });
}

/** What Swarm says of its update. */
export function update(state: string, message = ""): LiveService["update"] {
  return { state, message, startedAt: START, completedAt: null };
}

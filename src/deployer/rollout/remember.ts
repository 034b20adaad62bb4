import type { LiveTask } from "../ports.ts";
import {
  newest,
  slotOf,
  waitingOf,
  type RolloutHistory,
  type RolloutObservation,
  type Waiting,
} from "./history.ts";
import type { Tally } from "./tally.ts";

/** The history with one more observation, of which `counts` was made. */
export function remember(
  history: RolloutHistory,
  observation: RolloutObservation,
  counts: Pick<Tally, "running" | "completed" | "isEnough">,
  isFailure: (task: LiveTask) => boolean,
): RolloutHistory {
  const failed = observation.tasks.filter(isFailure);
  return {
    startedAt: history.startedAt,
    waiting: rememberWaiting(history, observation),
    failures: rememberFailures(history.failures, failed),
    lastFailure: newest(history.lastFailure ? [history.lastFailure, ...failed] : failed),
    running: counts.isEnough ? rememberRunning(history, observation.now, counts) : null,
  };
}

function rememberWaiting(
  history: RolloutHistory,
  { now, tasks }: RolloutObservation,
): RolloutHistory["waiting"] {
  const waiting: Record<string, { kind: Waiting; since: number }> = {};
  for (const task of tasks) {
    const kind = waitingOf(task);
    if (kind === null) continue;
    const before = history.waiting[task.id];
    waiting[task.id] = before?.kind === kind ? before : { kind, since: now };
  }
  return waiting;
}

function rememberFailures(
  known: RolloutHistory["failures"],
  failed: readonly LiveTask[],
): RolloutHistory["failures"] {
  const failures = { ...known };
  for (const task of failed) {
    const slot = slotOf(task);
    failures[slot] = [...new Set([...(failures[slot] ?? []), task.id])];
  }
  return failures;
}

function rememberRunning(
  history: RolloutHistory,
  now: number,
  { running, completed }: Pick<Tally, "running" | "completed">,
): RolloutHistory["running"] {
  const ids = [...running, ...completed]
    .map(({ id }) => id)
    .toSorted()
    .join(" ");
  return history.running?.tasks === ids ? history.running : { tasks: ids, since: now };
}

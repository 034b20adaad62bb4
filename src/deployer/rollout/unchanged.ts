import type { LiveService, LiveTask } from "../ports.ts";
import {
  CLOCK_SKEW_MS,
  newest,
  slotOf,
  type RolloutHistory,
  type RolloutObservation,
} from "./history.ts";
import type { Tally } from "./tally.ts";
import type { JudgeRequest, RolloutFailed } from "./verdict.ts";

/** What is said of a service that was broken before. */
export const NOT_CHANGED = "this deployment did not change the service";

/** A crash loop of before is told by what failed in this time; Docker starts a task again after 5 s. */
const LOOK_BACK_MS = 300_000;

/** Swarm still moves tasks in these states of its update. */
const MOVING = ["updating", "rollback_started"];

/** Whether a failed task tells that an unchanged service is broken: a recent one, or the last one of its slot. */
export function isUnchangedFailure(
  history: RolloutHistory,
  { tasks }: RolloutObservation,
  task: LiveTask,
): boolean {
  if (task.createdAt >= history.startedAt - LOOK_BACK_MS) return true;
  const slot = slotOf(task);
  return newest(tasks.filter((one) => one.isCurrent && slotOf(one) === slot))?.id === task.id;
}

/**
 * Since when all wanted tasks of an unchanged service run or have completed, by the engine's clock, when that is longer
 * than the window; else null.
 */
export function sinceLongAgo(
  service: LiveService,
  {
    counts,
    history,
    limits,
    observation,
  }: Pick<JudgeRequest, "history" | "limits" | "observation"> & { readonly counts: Tally },
): number | null {
  const { isEnough, running, completed } = counts;
  if (!isEnough || MOVING.includes(service.update?.state ?? "")) return null;
  if (running.length === 0) {
    return newest(completed)?.stateSince ?? history.startedAt;
  }
  const since = newest(running)?.stateSince ?? observation.now;
  return observation.now - since >= limits.windowMs + CLOCK_SKEW_MS ? since : null;
}

/** The failure, told apart from one that the deployment has caused. */
export function toldUnchanged(
  { isUnchanged = false }: Pick<JudgeRequest, "isUnchanged">,
  failure: RolloutFailed,
): RolloutFailed {
  if (!isUnchanged) return failure;
  return { ...failure, text: `${failure.text}; ${NOT_CHANGED}` };
}

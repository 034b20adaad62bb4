import type { ErrorCode } from "../../errors.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import type { LiveService, LiveTask } from "../ports.ts";
import { engineWords } from "./engine-words.ts";
import { newest, slotOf, waitingOf, type Waiting } from "./history.ts";
import { isGlobal, isJob, mayComplete } from "../../service-kinds.ts";
import type { Tally } from "./tally.ts";
import type { JudgeRequest, RolloutFailed } from "./verdict.ts";

interface Seen extends JudgeRequest {
  readonly counts: Tally;
}

const GONE = ["shutdown", "remove"];

/** What says already that the requested spec will not come up. */
export function findFailure(service: LiveService, request: Seen): RolloutFailed | null {
  const state = service.update?.state ?? "";
  // An unchanged service may have been left paused long ago, and run.
  if (!request.isUnchanged && (state === "paused" || state === "rollback_paused")) {
    const task = request.history.lastFailure;
    const text = withWords("Swarm paused the update", task?.error || service.update?.message);
    return { kind: "failed", code: codeOf(task), text, task, swarm: "paused" };
  }
  return findCrashLoop(service, request);
}

/**
 * What took too long. Once all tasks run, only Swarm's own update can: time in which nobody watched (a restart of
 * Skep) must not fail a service that runs.
 */
export function findTimeout(service: LiveService, request: Seen): RolloutFailed | null {
  const { history, limits, observation } = request;
  if (history.running !== null) {
    if (observation.now - history.running.since <= limits.windowMs + limits.rolloutMs) return null;
    return timedOut("all tasks run, but Swarm does not finish its update", null);
  }
  const overdue = findNoNode(service, request) ?? findOverdue(request);
  if (overdue || observation.now - history.startedAt <= limits.rolloutMs) return overdue;
  const open = observation.tasks.filter((one) => waitingOf(one));
  const task = history.lastFailure ?? newest(open) ?? newest(request.counts.lost);
  return timedOut(lateText(service, request.counts), task);
}

/** A failure by the clock alone. */
export function timedOut(text: string, task: LiveTask | null): RolloutFailed {
  return { kind: "failed", code: "rollout_timeout", text, task, swarm: "nothing" };
}

/** The service is not there any more. */
export function removed(): RolloutFailed {
  const text = "somebody else removed the service during the roll-out";
  return { kind: "failed", code: "swarm_conflict", text, task: null, swarm: "nothing" };
}

/** The code for what a task shows; without one, only time tells. */
export function codeOf(task: LiveTask | null): ErrorCode {
  if (task === null) return "rollout_timeout";
  return task.state === "rejected" ? "task_rejected" : "task_exited";
}

/** A text with the engine's words, shortened. */
export function withWords(text: string, words: string | undefined): string {
  return words ? `${text}: ${engineWords(words).slice(0, 200)}` : text;
}

function lateText({ spec }: LiveService, { lost, running }: Tally): string {
  if (lost.length > 0) return "the roll-out took too long: tasks are on a node that is down";
  if (isJob(spec) && running.length > 0) return "the job has not completed in time";
  return "the roll-out took too long";
}

/**
 * A slot whose tasks end again and again, or whose task ended and is not started again. Jobs may be tried as often as
 * their restart policy says; of a global job, Swarm goes on even then (seen on engine 20.10).
 */
function findCrashLoop({ spec }: LiveService, request: Seen): RolloutFailed | null {
  const { history, limits, observation } = request;
  for (const [slot, ids] of Object.entries(history.failures)) {
    const inSlot = observation.tasks.filter((task) => task.isCurrent && slotOf(task) === slot);
    if (mayComplete(spec) && inSlot.some(({ state }) => state === "complete")) continue;
    const last = newest(inSlot.filter((task) => ids.includes(task.id))) ?? history.lastFailure;
    const isGivenUp =
      history.running === null && inSlot.length > 0 && inSlot.every((task) => isOver(task));
    // One that runs again may have been mended before: its next end tells.
    const isBack = request.isUnchanged === true && history.running !== null;
    const isLoop = ids.length >= (isJob(spec) ? triesOf(spec) : limits.failuresPerSlot);
    if ((!isLoop || isBack) && !isGivenUp) continue;
    const times = ids.length === 1 ? "once" : `${ids.length} times`;
    const text = withWords(`a task ended ${times}`, last?.error);
    return { kind: "failed", code: codeOf(last), text, task: last, swarm: "nothing" };
  }
  return null;
}

/** How often the task of a job is tried, the first time included. */
function triesOf({ TaskTemplate }: ServiceSpec): number {
  const { MaxAttempts = 0 } = TaskTemplate.RestartPolicy ?? {};
  return MaxAttempts === 0 ? Infinity : MaxAttempts + 1;
}

/** Over for good: when Swarm starts a task again, it makes the new one as it tells the old one to shut down. */
function isOver(task: LiveTask): boolean {
  return GONE.includes(task.desiredState) && waitingOf(task) === null && task.state !== "running";
}

/** A global service that no node is eligible for: the Swarm makes no task, and says nothing. */
function findNoNode({ spec }: LiveService, request: Seen): RolloutFailed | null {
  const { counts, history, limits, observation } = request;
  if (!isGlobal(spec) || counts.wanted > 0) return null;
  if (observation.now - history.startedAt <= limits.pendingMs) return null;
  const constraints = spec.TaskTemplate.Placement.Constraints ?? [];
  const asked =
    constraints.length > 0
      ? `meets its placement constraints (${constraints.join(", ")})`
      : "is up";
  const text = `the service is global, and no node ${asked}`;
  return { kind: "failed", code: "no_suitable_node", text, task: null, swarm: "nothing" };
}

/** A task that waits for its node, or for its start, longer than it may. */
function findOverdue({ history, limits, observation }: Seen): RolloutFailed | null {
  const allowed: Readonly<Record<Waiting, number>> = {
    pending: limits.pendingMs,
    starting: limits.startingMs,
  };
  for (const task of observation.tasks) {
    const waiting = history.waiting[task.id];
    if (!waiting || observation.now - waiting.since <= allowed[waiting.kind]) continue;
    if (waiting.kind === "starting") return timedOut("a task does not get to run", task);
    if (task.state === "new") return timedOut("the Swarm gives a task no address", task);
    const text = withWords("no node takes a task", task.error);
    return { kind: "failed", code: "no_suitable_node", text, task, swarm: "nothing" };
  }
  return null;
}

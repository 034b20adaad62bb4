import type { ErrorCode } from "../../errors.ts";
import { SKEP_LABELS } from "../../swarm-objects.ts";
import type { LiveService, LiveTask } from "../ports.ts";
import {
  hasEnded,
  isSince,
  newest,
  remember,
  runningTasks,
  slotOf,
  waitingOf,
  type RolloutHistory,
  type Waiting,
} from "./history.ts";
import { wantedTasks } from "./limits.ts";
import type {
  JudgeRequest,
  RollbackVerdict,
  RolloutFailed,
  RolloutVerdict,
  SwarmReaction,
} from "./verdict.ts";

const SWARM_REACTIONS: Readonly<Record<string, SwarmReaction>> = {
  rollback_started: "swarm_rolling_back",
  rollback_completed: "swarm_rolled_back",
  rollback_paused: "paused",
};

/**
 * Judges a roll-out by one observation and all before it. Only the requested spec, running on all wanted tasks for the
 * whole window with Swarm's update over, is proof; that enough tasks run, or that Swarm calls its rollback completed,
 * is not. The history returned belongs into the next call.
 */
export function judge(request: JudgeRequest): {
  readonly verdict: RolloutVerdict;
  readonly history: RolloutHistory;
} {
  const { service } = request.observation;
  if (!isRequested(service, request.deploymentId)) {
    return { verdict: judgeReplaced(request), history: request.history };
  }
  const history = remember(request.history, request.observation, wantedTasks(service.spec));
  return { verdict: judgeRequested(service, { ...request, history }), history };
}

/**
 * Judges the way back: restored once the spec labelled `deploymentId` runs on all wanted tasks again and neither Swarm
 * nor a crash loop is still moving it.
 */
export function judgeRollback(request: JudgeRequest): {
  readonly verdict: RollbackVerdict;
  readonly history: RolloutHistory;
} {
  const { service, now } = request.observation;
  if (!isRequested(service, request.deploymentId)) {
    const { history } = request;
    if (service === null) return { verdict: removed(), history };
    const text = "the previous version is not back yet";
    if (now - history.startedAt <= request.limits.rolloutMs) {
      return { verdict: { kind: "restoring", text }, history };
    }
    return { verdict: timedOut(text, null), history };
  }
  const history = remember(request.history, request.observation, wantedTasks(service.spec));
  const seen = { ...request, history };
  const text = progressOf(service, seen);
  const failure = findFailure(service, seen);
  if (failure) return { verdict: failure, history };
  if (history.running !== null && isSettled(service)) {
    return { verdict: { kind: "restored", since: history.running.since, text }, history };
  }
  return { verdict: findTimeout(seen) ?? { kind: "restoring", text }, history };
}

function isRequested(
  service: LiveService | null,
  deploymentId: string | null,
): service is LiveService {
  if (service === null) return false;
  return (service.spec.Labels[SKEP_LABELS.deployment] ?? null) === deploymentId;
}

/** The Swarm holds another spec than the requested one: it rolled back by itself, or somebody interfered. */
function judgeReplaced({ observation, history }: JudgeRequest): RolloutFailed {
  const { service, tasks } = observation;
  if (service === null) return removed();
  const state = service.update?.state ?? "";
  const swarm = SWARM_REACTIONS[state];
  if (swarm === undefined) {
    const text = "somebody else changed the service during the roll-out";
    return { kind: "failed", code: "swarm_conflict", text, task: null, swarm: "nothing" };
  }
  const ended = tasks.filter((task) => !task.isCurrent && hasEnded(task) && isSince(history, task));
  const task = newest(ended) ?? history.lastFailure;
  const text = withWords("Swarm gave the new version up", task?.error ?? service.update?.message);
  return { kind: "failed", code: codeOf(task), text, task, swarm };
}

function judgeRequested(service: LiveService, request: JudgeRequest): RolloutVerdict {
  const { history, limits, observation } = request;
  const failure = findFailure(service, request);
  if (failure) return failure;
  const text = progressOf(service, request);
  if (history.running === null) return findTimeout(request) ?? { kind: "progressing", text };
  const { since } = history.running;
  if (observation.now - since >= limits.windowMs && isSettled(service)) {
    return { kind: "proved", since, text };
  }
  return findTimeout(request) ?? { kind: "running", since, text };
}

function findFailure(service: LiveService, request: JudgeRequest): RolloutFailed | null {
  const state = service.update?.state ?? "";
  if (state === "paused" || state === "rollback_paused") {
    const task = request.history.lastFailure;
    const text = withWords("Swarm paused the update", task?.error ?? service.update?.message);
    return { kind: "failed", code: codeOf(task), text, task, swarm: "paused" };
  }
  return findCrashLoop(request);
}

/**
 * What took too long. Once all tasks run, only Swarm's own update can: time in which nobody watched (a restart of
 * Skep) must not fail a service that runs.
 */
function findTimeout(request: JudgeRequest): RolloutFailed | null {
  const { history, limits, observation } = request;
  if (history.running !== null) {
    if (observation.now - history.running.since <= limits.windowMs + limits.rolloutMs) return null;
    return timedOut("all tasks run, but Swarm does not finish its update", null);
  }
  const overdue = findOverdue(request);
  if (overdue || observation.now - history.startedAt <= limits.rolloutMs) return overdue;
  const task = history.lastFailure ?? newest(observation.tasks.filter((one) => waitingOf(one)));
  return timedOut("the roll-out took too long", task);
}

/** A slot whose tasks end again and again, or whose task ended and is not started again. */
function findCrashLoop({ history, limits, observation }: JudgeRequest): RolloutFailed | null {
  for (const [slot, ids] of Object.entries(history.failures)) {
    const inSlot = observation.tasks.filter((task) => task.isCurrent && slotOf(task) === slot);
    const last = newest(inSlot.filter((task) => ids.includes(task.id))) ?? history.lastFailure;
    const isGivenUp =
      history.running === null && inSlot.length > 0 && inSlot.every((task) => isOver(task));
    if (ids.length < limits.failuresPerSlot && !isGivenUp) continue;
    const times = ids.length === 1 ? "once" : `${ids.length} times`;
    const text = withWords(`a task ended ${times}`, last?.error);
    return { kind: "failed", code: codeOf(last), text, task: last, swarm: "nothing" };
  }
  return null;
}

/** Over for good: when Swarm starts a task again, it makes the new one as it tells the old one to shut down. */
function isOver(task: LiveTask): boolean {
  return task.desiredState === "shutdown" && waitingOf(task) === null && task.state !== "running";
}

/** A task that waits for its node, or for its start, longer than it may. */
function findOverdue({ history, limits, observation }: JudgeRequest): RolloutFailed | null {
  const allowed: Readonly<Record<Waiting, number>> = {
    pending: limits.pendingMs,
    starting: limits.startingMs,
  };
  for (const task of observation.tasks) {
    const waiting = history.waiting[task.id];
    if (!waiting || observation.now - waiting.since <= allowed[waiting.kind]) continue;
    if (waiting.kind === "starting") return timedOut("a task does not get to run", task);
    const text = withWords("no node takes a task", task.error);
    return { kind: "failed", code: "no_suitable_node", text, task, swarm: "nothing" };
  }
  return null;
}

/** Whether Swarm has nothing in hand any more. A service that was never updated has no update state. */
function isSettled({ update }: LiveService): boolean {
  return update === null || update.state === "completed" || update.state === "rollback_completed";
}

function progressOf(service: LiveService, { history, observation }: JudgeRequest): string {
  const { tasks } = observation;
  const text = `${runningTasks(tasks).length} of ${wantedTasks(service.spec)} tasks running`;
  if (history.running !== null) return text;
  const blocked = tasks.find((task) => waitingOf(task) === "pending" && task.error);
  if (blocked) return withWords(text, blocked.error);
  const count = Object.values(history.failures).reduce((sum, ids) => sum + ids.length, 0);
  if (count === 0) return text;
  return withWords(`${text}, ${count} failed`, history.lastFailure?.error);
}

function withWords(text: string, words: string | undefined): string {
  return words ? `${text}: ${words.slice(0, 200)}` : text;
}

function codeOf(task: LiveTask | null): ErrorCode {
  if (task === null) return "rollout_timeout";
  return task.state === "rejected" ? "task_rejected" : "task_exited";
}

function timedOut(text: string, task: LiveTask | null): RolloutFailed {
  return { kind: "failed", code: "rollout_timeout", text, task, swarm: "nothing" };
}

function removed(): RolloutFailed {
  const text = "somebody else removed the service during the roll-out";
  return { kind: "failed", code: "swarm_conflict", text, task: null, swarm: "nothing" };
}

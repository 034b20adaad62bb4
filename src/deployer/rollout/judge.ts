import type { LiveService, LiveTask } from "../ports.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import { SKEP_LABELS } from "../../swarm-objects.ts";
import { codeOf, findFailure, findTimeout, removed, timedOut, withWords } from "./failing.ts";
import { hasEnded, isSince, newest, waitingOf, type RolloutHistory } from "./history.ts";
import { isJob, mayComplete } from "../../service-kinds.ts";
import { remember } from "./remember.ts";
import { countText, tally, withSlots, type Tally } from "./tally.ts";
import { isUnchangedFailure, sinceLongAgo, toldUnchanged } from "./unchanged.ts";
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
 * is not. Tasks that shall end prove it by having completed. The history returned belongs into the next call.
 */
export function judge(request: JudgeRequest): {
  readonly verdict: RolloutVerdict;
  readonly history: RolloutHistory;
} {
  const { service } = request.observation;
  if (!isRequested(service, request.deploymentId)) {
    return { verdict: judgeReplaced(request), history: request.history };
  }
  const seen = look(service.spec, request);
  return { verdict: judgeRequested(service, seen), history: seen.history };
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
  const seen = look(service.spec, request);
  return { verdict: judgeRestoring(service, seen), history: seen.history };
}

/** A request after its observation was remembered, and counted. */
interface Seen extends JudgeRequest {
  readonly counts: Tally;
}

function look(spec: ServiceSpec, request: JudgeRequest): Seen {
  const { isUnchanged = false } = request;
  const observation = withSlots(spec, request.observation);
  const counts = tally(spec, observation);
  const isFailure = (task: LiveTask): boolean =>
    task.isCurrent &&
    hasEnded(task) &&
    !(task.state === "complete" && mayComplete(spec)) &&
    (isUnchanged
      ? isUnchangedFailure(request.history, observation, task)
      : isSince(request.history, task));
  const history = remember(request.history, observation, counts, isFailure);
  return { ...request, observation, history, counts };
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
  const text = withWords("Swarm gave the new version up", task?.error || service.update?.message);
  return { kind: "failed", code: codeOf(task), text, task, swarm };
}

function judgeRequested(service: LiveService, seen: Seen): RolloutVerdict {
  const { history, limits, observation, counts } = seen;
  const text = progressOf(service, seen);
  const before = seen.isUnchanged ? sinceLongAgo(service, seen) : null;
  if (before !== null) return { kind: "proved", since: before, text };
  if (history.running !== null && hasCompleted(service, counts)) {
    return { kind: "proved", since: history.running.since, text };
  }
  const failure = findFailure(service, seen);
  if (failure) return toldUnchanged(seen, failure);
  if (history.running === null) {
    const late = findTimeout(service, seen);
    return late ? toldUnchanged(seen, late) : { kind: "progressing", text };
  }
  const { since } = history.running;
  if (observation.now - since >= limits.windowMs && isSettled(service)) {
    return { kind: "proved", since, text };
  }
  return findTimeout(service, seen) ?? { kind: "running", since, text };
}

function judgeRestoring(service: LiveService, seen: Seen): RollbackVerdict {
  const { history, counts } = seen;
  const text = progressOf(service, seen);
  const isDone = hasCompleted(service, counts);
  const failure = isDone ? null : findFailure(service, seen);
  if (failure) return toldUnchanged(seen, failure);
  if (history.running !== null && (isDone || isSettled(service))) {
    return { kind: "restored", since: history.running.since, text };
  }
  return findTimeout(service, seen) ?? { kind: "restoring", text };
}

/**
 * Whether all tasks have done what they were for. Swarm counts a task that ends while it is updated as a failure
 * whatever its exit code, and pauses the update of a service whose tasks all completed (seen on engine 20.10).
 */
function hasCompleted(service: LiveService, { isComplete }: Tally): boolean {
  if (!isComplete) return false;
  return isJob(service.spec) || isSettled(service) || service.update?.state === "paused";
}

/** Whether Swarm has nothing in hand any more. A service that was never updated has no update state. */
function isSettled({ update }: LiveService): boolean {
  return update === null || update.state === "completed" || update.state === "rollback_completed";
}

function progressOf(service: LiveService, { history, observation, counts }: Seen): string {
  const text = countText(service.spec, counts);
  if (history.running !== null) return text;
  const blocked = observation.tasks.find((task) => waitingOf(task) === "pending" && task.error);
  if (blocked) return withWords(text, blocked.error);
  const count = Object.values(history.failures).reduce((sum, ids) => sum + ids.length, 0);
  if (count === 0) return text;
  return withWords(`${text}, ${count} failed`, history.lastFailure?.error);
}

import type { ServiceSpec } from "../../swarm-objects.ts";
import type { LiveTask } from "../ports.ts";
import { hasEnded, newest, slotOf, type RolloutObservation } from "./history.ts";
import { isGlobal, isJob, mayComplete } from "../../service-kinds.ts";
import { wantedTasks } from "./limits.ts";

/** The tasks of one service, counted for its kind. */
export interface Tally {
  /** How many tasks shall run or complete; of a global service, as many as there are nodes for it. */
  readonly wanted: number;
  /** Those of the current spec that run and shall run, one for each slot. */
  readonly running: readonly LiveTask[];
  /** Those that have done what they were for, one for each slot that does not run. */
  readonly completed: readonly LiveTask[];
  /** Those that run by the Swarm's word, but on a node that is not ready. */
  readonly lost: readonly LiveTask[];
  /** How many still stop of a service that wants none. */
  readonly stopping: number;
  /** Whether all wanted tasks run or have completed. */
  readonly isEnough: boolean;
  /** Whether all wanted tasks have completed. */
  readonly isComplete: boolean;
}

const ALIVE = ["starting", "running"];

/** Counts the tasks; `observation` is one from `withSlots`. */
export function tally(spec: ServiceSpec, observation: RolloutObservation): Tally {
  const { tasks } = observation;
  const current = tasks.filter((task) => task.isCurrent);
  const isUp = (task: LiveTask): boolean => isOnReadyNode(task, observation);
  const seen = current.filter(
    ({ state, desiredState }) =>
      state === "running" && (desiredState === "running" || desiredState === "complete"),
  );
  const running = [...bySlot(seen.filter(isUp)).values()];
  const runningSlots = new Set(running.map(slotOf));
  const done = mayComplete(spec) ? current.filter(({ state }) => state === "complete") : [];
  const completed = [...bySlot(done).values()].filter((task) => !runningSlots.has(slotOf(task)));
  const wanted = isGlobal(spec) ? nodesWanted(spec, observation) : wantedTasks(spec);
  const stopping =
    wanted === 0 ? tasks.filter((task) => ALIVE.includes(task.state) && isUp(task)).length : 0;
  const counts = {
    wanted,
    running,
    completed,
    lost: seen.filter((task) => !isUp(task)),
    stopping,
  };
  if (wanted === 0) {
    const isEnough = !isGlobal(spec) && stopping === 0;
    return { ...counts, isEnough, isComplete: isEnough && isJob(spec) };
  }
  const isComplete = completed.length >= wanted;
  const isEnough = isJob(spec) ? isComplete : running.length + completed.length >= wanted;
  return { ...counts, isEnough, isComplete };
}

/**
 * Gives every task of a service that is not global its slot: jobs count theirs from 0, which the engine's answer leaves
 * out (seen on engine 20.10).
 */
export function withSlots(spec: ServiceSpec, observation: RolloutObservation): RolloutObservation {
  if (isGlobal(spec)) return observation;
  const tasks = observation.tasks.map((task) => (task.slot === null ? { ...task, slot: 0 } : task));
  return { ...observation, tasks };
}

/** One short line about where the service stands. */
export function countText(spec: ServiceSpec, counts: Tally): string {
  const { wanted, running, completed, lost, stopping } = counts;
  if (wanted === 0 && isGlobal(spec)) return "no node takes it yet";
  if (stopping > 0) return `0 tasks wanted, ${stopping} still stopping`;
  const isAboutEnd = isJob(spec) || (counts.isComplete && wanted > 0);
  const text = isAboutEnd
    ? `${completed.length} of ${wanted} tasks completed`
    : `${running.length} of ${wanted} tasks running`;
  return [
    text,
    ...(completed.length > 0 && !isAboutEnd ? [`${completed.length} completed`] : []),
    ...(lost.length > 0 ? [`${lost.length} on a node that is down`] : []),
  ].join(", ");
}

function isOnReadyNode({ nodeId }: LiveTask, { nodes }: RolloutObservation): boolean {
  return nodes === undefined || nodeId === null || nodes.get(nodeId) === "ready";
}

/**
 * How many nodes carry a task of a global service, or shall. A node whose last task failed for good still counts: there
 * is nothing else that tells of it. One that still has a task of the previous spec when Swarm calls its update completed
 * does not: it is paused (`docker node update --availability pause`), and Swarm leaves its tasks alone.
 */
function nodesWanted(spec: ServiceSpec, observation: RolloutObservation): number {
  const shall = isJob(spec) ? ["complete"] : ["ready", "running"];
  const isOver = isJob(spec) || observation.service?.update?.state === "completed";
  const nodes = Map.groupBy(
    observation.tasks.filter(
      (task) => isOnReadyNode(task, observation) && (task.isCurrent || !isOver),
    ),
    slotOf,
  );
  const wanted = [...nodes.values()].filter((tasks) => {
    if (tasks.some(({ desiredState }) => shall.includes(desiredState))) return true;
    const last = newest(tasks.filter(({ isCurrent }) => isCurrent));
    return last !== null && hasEnded(last);
  });
  return wanted.length;
}

function bySlot(tasks: readonly LiveTask[]): ReadonlyMap<string, LiveTask> {
  return new Map(tasks.map((task) => [slotOf(task), task]));
}

import type { LiveTask } from "../ports.ts";
import { slotOf } from "./history.ts";

const WITHOUT_NODE = ["new", "allocated", "pending"];

/**
 * A task that is ready and waits for another one of its slot to stop which never ran, because no node had taken it.
 * Swarm itself notices after a minute (swarmkit's restart supervisor; seen on engine 20.10). Null when there is none.
 */
export function findStuckTask(tasks: readonly LiveTask[]): LiveTask | null {
  const isStuck = (task: LiveTask): boolean => {
    if (!task.isCurrent || task.desiredState !== "ready" || task.state !== "ready") return false;
    const others = tasks.filter((other) => other !== task && slotOf(other) === slotOf(task));
    const alive = others.filter(({ state }) => !isOver(state));
    return alive.length > 0 && alive.every(neverRan);
  };
  return tasks.find(isStuck) ?? null;
}

function neverRan({ nodeId, state, desiredState }: LiveTask): boolean {
  return nodeId === null && WITHOUT_NODE.includes(state) && desiredState === "shutdown";
}

function isOver(state: string): boolean {
  return ["complete", "shutdown", "failed", "rejected", "remove", "orphaned"].includes(state);
}

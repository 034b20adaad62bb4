import { milliseconds, type ModelService, type ModelTask, type SwarmModel } from "./model.ts";
import { createTask, runTask } from "./tasks.ts";

const DEFAULT_DELAY_MS = 5_000;

/** Replaces the task, as its restart policy says, whenever it ends by itself. */
export function superviseTask(model: SwarmModel, service: ModelService, task: ModelTask): void {
  const watcher = (): void => {
    if (!["failed", "rejected", "complete"].includes(task.state)) return;
    task.watchers.delete(watcher);
    if (task.desiredState === "shutdown" || service.isRemoved) return;
    task.desiredState = "shutdown";
    if (mayRestart(service, task)) restart(model, service, task);
  };
  task.watchers.add(watcher);
}

/** Whether the service's policy lets the task be replaced. */
export function mayRestart(service: ModelService, task: ModelTask): boolean {
  const policy = service.spec.TaskTemplate.RestartPolicy ?? { Condition: "any" };
  if (policy.Condition === "none") return false;
  if (policy.Condition === "on-failure" && task.state === "complete") return false;
  const restarts = service.restarts.get(task.slot) ?? 0;
  return !policy.MaxAttempts || restarts < policy.MaxAttempts;
}

function restart(model: SwarmModel, service: ModelService, task: ModelTask): void {
  service.restarts.set(task.slot, (service.restarts.get(task.slot) ?? 0) + 1);
  const next = createTask(model, service, { slot: task.slot, desiredState: "ready" });
  superviseTask(model, service, next);
  model.timeline.after(restartDelayMs(service), () => runTask(model, next));
}

/** How long the service's policy lets a new task wait. */
export function restartDelayMs({ spec }: ModelService): number {
  return milliseconds(spec.TaskTemplate.RestartPolicy?.Delay, DEFAULT_DELAY_MS);
}

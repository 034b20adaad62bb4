import { isOver, replicasOf, type ModelService, type SwarmModel } from "./model.ts";
import { isEligible } from "./placement.ts";
import { mayRestart, restartDelayMs } from "./restarts.ts";
import { createTask, stopTask } from "./tasks.ts";

/** Runs a job from its beginning: so many tasks at a time, until so many are complete. */
export function runJob(model: SwarmModel, service: ModelService): void {
  const { iteration, spec } = service;
  for (const task of service.tasks) {
    if (task.iteration !== iteration && !isOver(task)) stopTask(model, task);
  }
  const total = spec.Mode.GlobalJob && !isEligible(spec) ? 0 : replicasOf(spec);
  const atOnce = spec.Mode.ReplicatedJob?.MaxConcurrent ?? total;
  const isEnded = (): boolean => service.isRemoved || service.iteration !== iteration;
  let slots = 0;

  function launch(slot: number): void {
    if (isEnded()) return;
    const task = createTask(model, service, { slot, desiredState: "complete" });
    task.watchers.add(() => {
      if (isEnded()) return;
      if (task.state === "complete") return launchNext();
      if (!["failed", "rejected"].includes(task.state)) return;
      task.desiredState = "shutdown";
      if (!mayRestart(service, task)) return;
      service.restarts.set(slot, (service.restarts.get(slot) ?? 0) + 1);
      model.timeline.after(restartDelayMs(service), () => launch(slot));
    });
  }

  function launchNext(): void {
    if (slots < total) launch(++slots);
  }

  for (let running = 0; running < atOnce; running++) launchNext();
}

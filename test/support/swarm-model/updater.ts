import { isDeepStrictEqual } from "node:util";
import type { ServiceSpec } from "../../../src/swarm-objects.ts";
import { runJob } from "./jobs.ts";
import {
  isJob,
  isOver,
  milliseconds,
  replicasOf,
  updateConfigOf,
  type ModelService,
  type ModelTask,
  type SwarmModel,
} from "./model.ts";
import { isEligible } from "./placement.ts";
import { superviseTask } from "./restarts.ts";
import { createTask, runTask, stopTask } from "./tasks.ts";

const DEFAULT_MONITOR_MS = 5_000;

/** Whether tasks made from one spec also fit the other: what Swarm restarts tasks for. */
export function isSameTask(one: ServiceSpec, other: ServiceSpec): boolean {
  const { Placement: _one, ...ours } = one.TaskTemplate;
  const { Placement: _other, ...theirs } = other.TaskTemplate;
  return isDeepStrictEqual(ours, theirs) && isDeepStrictEqual(one.EndpointSpec, other.EndpointSpec);
}

/** Makes the tasks match the service's spec: adds and drops slots, and rolls new tasks over the others. */
export function reconcile(model: SwarmModel, service: ModelService): void {
  service.stopUpdate();
  if (isJob(service.spec)) return runJob(model, service);
  const isNowhere = service.spec.Mode.Global !== undefined && !isEligible(service.spec);
  const wanted = isNowhere ? 0 : replicasOf(service.spec);
  const living = service.tasks.filter((task) => task.desiredState !== "shutdown");
  const slots = [...new Set(living.map((task) => task.slot))];
  for (const task of service.tasks) if (task.slot > wanted) stopTask(model, task);
  const dirty = slots.filter((slot) => slot <= wanted && isDirty(service, slot));
  for (let slot = 1; slot <= wanted; slot++) {
    if (slots.includes(slot)) continue;
    const task = createTask(model, service, { slot, desiredState: "running" });
    superviseTask(model, service, task);
  }
  update(model, service, dirty);
}

/** More than one living task in a slot is what an update that was cut short leaves behind. */
function isDirty(service: ModelService, slot: number): boolean {
  const [task, ...more] = livingTasks(service, slot);
  return more.length > 0 || task === undefined || !isSameTask(task.spec, service.spec);
}

function livingTasks(service: ModelService, slot: number): readonly ModelTask[] {
  return service.tasks.filter((task) => task.slot === slot && task.desiredState !== "shutdown");
}

/** Swarm's updater: some slots at a time, each new task watched for a while, until one failure too many. */
function update(model: SwarmModel, service: ModelService, dirty: readonly number[]): void {
  const isRollback = service.update?.state === "rollback_started";
  if (dirty.length === 0) {
    if (isRollback) setUpdate(model, service, "rollback_completed", "rollback completed");
    return;
  }
  if (!isRollback) setUpdate(model, service, "updating", "update in progress");
  const { UpdateConfig, RollbackConfig } = service.spec;
  const config = updateConfigOf(isRollback ? RollbackConfig : UpdateConfig);
  const monitorMs = milliseconds(config.Monitor, DEFAULT_MONITOR_MS) || DEFAULT_MONITOR_MS;
  const allowed = Math.floor(config.MaxFailureRatio * dirty.length);
  const queue = [...dirty];
  let unfinished = dirty.length;
  let failures = 0;
  let isStopped = false;
  service.stopUpdate = () => (isStopped = true);

  function watchForFailure(task: ModelTask): void {
    let runningAt: number | null = null;
    const watcher = (): void => {
      if (task.state === "running") runningAt = model.timeline.now();
      if (!["failed", "rejected", "complete"].includes(task.state)) return;
      task.watchers.delete(watcher);
      const isLate = runningAt !== null && model.timeline.now() - runningAt > monitorMs;
      if (isStopped || isLate || config.FailureAction === "continue") return;
      failures += 1;
      if (failures <= allowed) return;
      isStopped = true;
      giveUp(model, service, task, isRollback ? "pause" : config.FailureAction);
    };
    task.watchers.add(watcher);
  }

  function takeSlot(): void {
    const slot = queue.shift();
    if (slot === undefined || isStopped) return;
    const living = livingTasks(service, slot);
    const clean = living.find((task) => isSameTask(task.spec, service.spec));
    const old = living.filter((task) => task !== clean);
    if (clean) {
      for (const each of old) stopTask(model, each);
      return slotDone();
    }
    const desiredState = config.Order === "start-first" ? "running" : "ready";
    const task = createTask(model, service, { slot, desiredState });
    // Who hears first of a failure decides from which spec the slot is restarted.
    if (model.isRollbackFirst()) watchForFailure(task);
    superviseTask(model, service, task);
    if (!model.isRollbackFirst()) watchForFailure(task);
    if (config.Order === "start-first") {
      whenUp(task, () => {
        if (task.state === "running") for (const each of old) stopTask(model, each);
        slotDone();
      });
      return;
    }
    for (const each of old) stopTask(model, each);
    whenAllOver(old, () => runTask(model, task));
    whenUp(task, slotDone);
  }

  function slotDone(): void {
    unfinished -= 1;
    if (unfinished === 0) model.timeline.after(monitorMs, finish);
    model.timeline.after(milliseconds(config.Delay, 0), takeSlot);
  }

  function finish(): void {
    if (isStopped) return;
    isStopped = true;
    if (isRollback) setUpdate(model, service, "rollback_completed", "rollback completed");
    else setUpdate(model, service, "completed", "update completed");
  }

  const workers = config.Parallelism === 0 ? dirty.length : config.Parallelism;
  for (let worker = 0; worker < workers; worker++) takeSlot();
}

function giveUp(model: SwarmModel, service: ModelService, task: ModelTask, action: string): void {
  const cause = `due to failure or early termination of task ${task.id}`;
  const isRollback = service.update?.state === "rollback_started";
  if (action === "pause") {
    const state = isRollback ? "rollback_paused" : "paused";
    return setUpdate(
      model,
      service,
      state,
      `${isRollback ? "rollback" : "update"} paused ${cause}`,
    );
  }
  // Without a previous spec Swarm stays where it is, "updating" for ever.
  if (service.previousSpec === null) return;
  setUpdate(model, service, "rollback_started", `update rolled back ${cause}`);
  service.spec = service.previousSpec;
  service.previousSpec = null;
  service.restarts.clear();
  model.timeline.after(0, () => reconcile(model, service));
}

function setUpdate(model: SwarmModel, service: ModelService, state: string, message: string): void {
  const now = model.timeline.now();
  const isEnd = state === "completed" || state === "rollback_completed";
  const startedAt = service.update?.startedAt ?? now;
  service.update = { state, message, startedAt, completedAt: isEnd ? now : null };
  service.version += 1;
  service.updatedAt = now;
}

function whenUp(task: ModelTask, happen: () => void): void {
  const watcher = (): void => {
    if (task.state !== "running" && !isOver(task)) return;
    task.watchers.delete(watcher);
    happen();
  };
  task.watchers.add(watcher);
}

function whenAllOver(tasks: readonly ModelTask[], happen: () => void): void {
  const alive = new Set(tasks.filter((task) => !isOver(task)));
  if (alive.size === 0) return happen();
  for (const task of alive) {
    const watcher = (): void => {
      if (!isOver(task)) return;
      task.watchers.delete(watcher);
      alive.delete(task);
      if (alive.size === 0) happen();
    };
    task.watchers.add(watcher);
  }
}

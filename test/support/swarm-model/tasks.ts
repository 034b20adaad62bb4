import {
  isOver,
  milliseconds,
  type ModelService,
  type ModelTask,
  type SwarmModel,
} from "./model.ts";
import { whyNoNode } from "./placement.ts";

const STEP_MS = 20;
const HISTORY = 5;
const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_RETRIES = 3;
const KILLED = 137;
/** Nodes tell of their tasks in batches: one that ends sooner was never seen running. */
const REPORT_MS = 100;

/** Makes a task of the service's present spec; `ready` tasks wait until they are told to run. */
export function createTask(
  model: SwarmModel,
  service: ModelService,
  {
    slot,
    desiredState,
  }: { readonly slot: number; readonly desiredState: "ready" | "running" | "complete" },
): ModelTask {
  const now = model.timeline.now();
  const task: ModelTask = {
    id: model.newId(),
    service,
    slot,
    iteration: service.iteration,
    spec: service.spec,
    createdAt: now,
    state: "new",
    desiredState,
    error: "",
    message: "created",
    exitCode: null,
    containerId: null,
    stateSince: now,
    health: [],
    lines: [],
    watchers: new Set(),
    cancelNext: () => undefined,
  };
  service.tasks.push(task);
  forgetOldest(service, slot);
  then(model, task, 0, () => place(model, task));
  return task;
}

/** Tells a task to stop. */
export function stopTask(model: SwarmModel, task: ModelTask): void {
  if (task.desiredState === "shutdown") return;
  task.desiredState = "shutdown";
  if (isOver(task)) return;
  const hasContainer = task.containerId !== null;
  const { stopMs } = model.scriptOf(task.spec);
  then(model, task, hasContainer ? stopMs : 0, () => {
    if (hasContainer) task.exitCode = KILLED;
    setState(model, task, "shutdown", "shutdown");
  });
}

/** Tells a task that waited to run. */
export function runTask(model: SwarmModel, task: ModelTask): void {
  if (task.desiredState !== "ready") return;
  task.desiredState = "running";
  if (task.state === "ready") start(model, task);
}

/** The scheduler looks again at the tasks that found no node. */
function placePending(model: SwarmModel): void {
  for (const service of model.services.values()) {
    for (const task of service.tasks) {
      if (task.state === "pending" && task.desiredState !== "shutdown") place(model, task);
    }
  }
}

function place(model: SwarmModel, task: ModelTask): void {
  const why = whyNoNode(model, task.spec);
  if (why !== null) {
    task.error = why;
    if (task.state !== "pending") setState(model, task, "pending", "pending task scheduling");
    return;
  }
  task.error = "";
  setState(model, task, "assigned", "scheduler assigned task to node");
  then(model, task, STEP_MS, () => {
    setState(model, task, "preparing", "preparing");
    then(model, task, STEP_MS, () => prepare(model, task));
  });
}

function prepare(model: SwarmModel, task: ModelTask): void {
  if (model.scriptOf(task.spec).does.kind === "no_image") {
    task.error = `No such image: ${task.spec.TaskTemplate.ContainerSpec.Image}`;
    return setState(model, task, "rejected", "preparing");
  }
  setState(model, task, "ready", "prepared");
  if (task.desiredState === "running" || task.desiredState === "complete") start(model, task);
}

function start(model: SwarmModel, task: ModelTask): void {
  const { startMs, lines } = model.scriptOf(task.spec);
  setState(model, task, "starting", "starting");
  then(model, task, startMs, () => {
    task.containerId = `c${task.id}`;
    for (const text of lines) print(model, task, text);
    run(model, task);
  });
}

/** The container has started. With a health check Swarm calls it running once that passes. */
function run(model: SwarmModel, task: ModelTask): void {
  const { does } = model.scriptOf(task.spec);
  const check = task.spec.TaskTemplate.ContainerSpec.Healthcheck;
  const isChecked = check?.Test !== undefined && check.Test[0] !== "NONE";
  const intervalMs = milliseconds(check?.Interval, DEFAULT_INTERVAL_MS);
  if (isChecked && does.kind === "unhealthy") {
    const retries = check.Retries ?? DEFAULT_RETRIES;
    const givesUpAt = milliseconds(check.StartPeriod, 0) + retries * intervalMs;
    then(model, task, intervalMs, () => {
      task.health = does.output;
      then(model, task, givesUpAt - intervalMs, () => {
        const prefix = does.code === 0 ? "" : `task: non-zero exit (${does.code}): dockerexec: `;
        task.error = `${prefix}unhealthy container`;
        end(model, task, does.code);
      });
    });
    return;
  }
  if (does.kind === "exits" && (!isChecked || does.afterMs < intervalMs)) {
    if (!isChecked && does.afterMs >= REPORT_MS) setState(model, task, "running", "started");
    then(model, task, does.afterMs, () => exit(model, task, does.code));
    return;
  }
  then(model, task, isChecked ? intervalMs : 0, () => {
    setState(model, task, "running", "started");
    if (does.kind !== "exits") return;
    then(model, task, does.afterMs - intervalMs, () => exit(model, task, does.code));
  });
}

function exit(model: SwarmModel, task: ModelTask, code: number): void {
  if (code !== 0) task.error = `task: non-zero exit (${code})`;
  end(model, task, code);
}

function end(model: SwarmModel, task: ModelTask, code: number): void {
  task.exitCode = code;
  if (code === 0) setState(model, task, "complete", "finished");
  else setState(model, task, "failed", "started");
}

function print(model: SwarmModel, task: ModelTask, text: string): void {
  const line = { taskId: task.id, stream: "stdout", at: model.timeline.now(), text } as const;
  task.lines.push(line);
  for (const listener of model.listeners) listener(task.service.spec.Name, line);
}

function setState(model: SwarmModel, task: ModelTask, state: string, message: string): void {
  task.state = state;
  task.message = message;
  task.stateSince = model.timeline.now();
  // A copy: watchers come and go while they are called.
  const watchers = [...task.watchers];
  for (const watcher of watchers) watcher();
  if (isOver(task)) model.timeline.after(0, () => placePending(model));
}

/** Whatever was to happen to the task next does not; this does. */
function then(model: SwarmModel, task: ModelTask, ms: number, happen: () => void): void {
  task.cancelNext();
  task.cancelNext = model.timeline.after(ms, happen);
}

/** Swarm remembers five tasks of each slot. */
function forgetOldest(service: ModelService, slot: number): void {
  const ofSlot = service.tasks.filter((task) => task.slot === slot);
  const over = ofSlot.filter(isOver).slice(0, Math.max(0, ofSlot.length - HISTORY));
  service.tasks = service.tasks.filter((task) => !over.includes(task));
}

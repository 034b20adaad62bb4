import type { LiveService, LiveTask } from "../../../src/deployer/ports.ts";
import { modeOf, type ServiceMode, type ServiceSpec } from "../../../src/swarm-objects.ts";
import type { ModelService, ModelTask } from "./model.ts";
import { isPlaced, NODE } from "./placement.ts";
import { isSameTask } from "./updater.ts";

/** A spec as Swarm stores it: what it always fills in filled in, what is empty left out. */
export function stored(spec: ServiceSpec): ServiceSpec {
  const { ContainerSpec } = spec.TaskTemplate;
  const copy = {
    ...spec,
    TaskTemplate: {
      ...spec.TaskTemplate,
      ContainerSpec: { ...ContainerSpec, Isolation: "default" },
      Runtime: "container",
    },
    Mode: storedMode(spec.Mode),
    EndpointSpec: { Mode: "vip", ...spec.EndpointSpec },
  };
  return withoutEmptyLists(structuredClone(copy));
}

function storedMode(mode: ServiceMode): ServiceMode {
  if (mode.ReplicatedJob) {
    const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } = mode.ReplicatedJob;
    return { ReplicatedJob: { MaxConcurrent, TotalCompletions } };
  }
  if (mode.Global || mode.GlobalJob) return mode;
  return { Replicated: { Replicas: mode.Replicated?.Replicas ?? 1 } };
}

function withoutEmptyLists<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  const holder: object = value;
  for (const [key, item] of Object.entries(holder)) {
    if (Array.isArray(item) && item.length === 0) Reflect.deleteProperty(holder, key);
    else withoutEmptyLists(item);
  }
  return value;
}

/** The service as the port tells it. */
export function toLiveService(service: ModelService): LiveService {
  const { id, version, spec, update, createdAt, updatedAt } = service;
  return structuredClone({ id, version, spec, update, createdAt, updatedAt });
}

/** The task as the port tells it. */
export function toLiveTask(task: ModelTask): LiveTask {
  const { containerId, createdAt, desiredState, error, id, message, state } = task;
  const isThisRun = task.iteration === task.service.iteration;
  return {
    id,
    slot: slotOf(task),
    nodeId: isPlaced(task) ? NODE.id : null,
    state,
    desiredState,
    error,
    message,
    exitCode: task.exitCode,
    containerId,
    createdAt,
    stateSince: task.stateSince,
    isCurrent: isThisRun && isSameTask(task.spec, task.service.spec),
  };
}

/** Tasks of all nodes have no slot; those of jobs count from 0. */
function slotOf(task: ModelTask): number | null {
  const mode = modeOf(task.spec);
  if (mode === "Replicated") return task.slot;
  return mode === "ReplicatedJob" ? task.slot - 1 : null;
}

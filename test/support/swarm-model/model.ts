import type { ServiceLine } from "../../../src/deployer/ports.ts";
import type { ServiceSpec, UpdateConfig } from "../../../src/swarm-objects.ts";
import type { TaskScript } from "./task-script.ts";
import type { Timeline } from "./timeline.ts";

/** A task of the model. */
export interface ModelTask {
  readonly id: string;
  readonly service: ModelService;
  readonly slot: number;
  readonly spec: ServiceSpec;
  readonly createdAt: number;
  state: string;
  desiredState: "ready" | "running" | "shutdown";
  error: string;
  message: string;
  exitCode: number | null;
  containerId: string | null;
  stateSince: number;
  health: readonly string[];
  readonly lines: ServiceLine[];
  /** Called on every change of state; the updater and the restart supervisor listen. */
  readonly watchers: Set<() => void>;
  /** What is to happen to it next, unless something else happens first. */
  cancelNext: () => void;
}

/** A service of the model. */
export interface ModelService {
  readonly id: string;
  readonly createdAt: number;
  version: number;
  updatedAt: number;
  spec: ServiceSpec;
  previousSpec: ServiceSpec | null;
  update: {
    readonly state: string;
    readonly message: string;
    readonly startedAt: number;
    readonly completedAt: number | null;
  } | null;
  tasks: ModelTask[];
  /** Restarts of each slot under the present spec. */
  restarts: Map<number, number>;
  isRemoved: boolean;
  /** Ends the update that is under way. */
  stopUpdate: () => void;
}

/** What all parts of the model share. */
export interface SwarmModel {
  readonly timeline: Timeline;
  readonly services: Map<string, ModelService>;
  readonly networks: Set<string>;
  readonly listeners: Set<(serviceName: string, line: ServiceLine) => void>;
  /** Whether Swarm's updater is quicker than its restarts, when a task fails during an update. */
  isRollbackFirst(): boolean;
  scriptOf(spec: ServiceSpec): TaskScript;
  newId(): string;
}

/** Nanoseconds, as Docker writes durations, in milliseconds. */
export function milliseconds(nanoseconds: number | undefined, fallback: number): number {
  return nanoseconds === undefined ? fallback : nanoseconds / 1e6;
}

/** How many tasks a spec wants. */
export function replicasOf(spec: ServiceSpec): number {
  return spec.Mode.Replicated?.Replicas ?? 1;
}

/** Swarm's own defaults for a missing update configuration. */
export function updateConfigOf(config: UpdateConfig | undefined): UpdateConfig {
  return (
    config ?? { Parallelism: 1, FailureAction: "pause", MaxFailureRatio: 0, Order: "stop-first" }
  );
}

/** Whether the task is over. */
export function isOver(task: ModelTask): boolean {
  return ["complete", "shutdown", "failed", "rejected"].includes(task.state);
}

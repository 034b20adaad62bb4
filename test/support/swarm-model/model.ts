import type {
  FileKind,
  LiveFile,
  LiveNetwork,
  LiveNode,
  LiveVolume,
  ServiceLine,
} from "../../../src/deployer/ports.ts";
import { modeOf, type ServiceSpec, type UpdateConfig } from "../../../src/swarm-objects.ts";
import type { TaskScript } from "./task-script.ts";
import type { Timeline } from "./timeline.ts";

/** A task of the model. */
export interface ModelTask {
  readonly id: string;
  readonly service: ModelService;
  /** Counts from 1, in all modes. */
  readonly slot: number;
  /** Which run of a job it belongs to; 0 in other modes. */
  readonly iteration: number;
  readonly spec: ServiceSpec;
  readonly createdAt: number;
  state: string;
  desiredState: "ready" | "running" | "complete" | "shutdown";
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
  /** How often a job was run before; it runs anew with each update. */
  iteration: number;
  isRemoved: boolean;
  /** Ends the update that is under way. */
  stopUpdate: () => void;
}

/** What all parts of the model share. */
export interface SwarmModel {
  readonly timeline: Timeline;
  readonly services: Map<string, ModelService>;
  /** By name, like everything that follows. */
  readonly networks: Map<string, LiveNetwork>;
  /** Tasks that are still on networks that were removed; until they are over their names are not free. */
  readonly leaving: Map<string, readonly ModelTask[]>;
  readonly files: Readonly<Record<FileKind, Map<string, LiveFile>>>;
  readonly volumes: Map<string, LiveVolume>;
  readonly nodes: Map<string, LiveNode>;
  /** Tasks of services that were removed. */
  orphans: ModelTask[];
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

/** How many tasks a spec wants at the same time, or altogether if it is a job; the model has one node. */
export function replicasOf({ Mode }: ServiceSpec): number {
  return Mode.Replicated?.Replicas ?? Mode.ReplicatedJob?.TotalCompletions ?? 1;
}

/** Whether a spec's tasks are meant to end. */
export function isJob(spec: ServiceSpec): boolean {
  return ["ReplicatedJob", "GlobalJob"].includes(modeOf(spec));
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

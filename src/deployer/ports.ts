import type { Readable } from "node:stream";
import type { Platform } from "../release.ts";
import type { FileSpec, NetworkSpec, ServiceSpec } from "../swarm-objects.ts";

/** One step of an image build as it happens. Times are milliseconds since the epoch. */
export type BuildEvent =
  | {
      readonly kind: "step";
      readonly id: string;
      readonly name: string;
      readonly startedAt: number | null;
      readonly completedAt: number | null;
      readonly cached: boolean;
      readonly error: string | null;
    }
  | {
      readonly kind: "output";
      readonly stepId: string;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
    };

/** What to build. The context is a tar stream with `.dockerignore` already applied. */
export interface BuildRequest {
  readonly context: Readable;
  readonly dockerfile: string;
  readonly target: string | null;
  readonly args: Readonly<Record<string, string>>;
  readonly tag: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly onEvent: (event: BuildEvent) => void;
  readonly signal: AbortSignal;
}

/** Builds images on the engine. */
export interface Builder {
  /** The image's ID (`sha256:…`), or null when the engine does not have it. */
  imageId(reference: string): Promise<string | null>;
  /**
   * Builds and tags one image; resolves with its ID. Throws `build_failed` (with the last lines of the failing step
   * as evidence), `build_timeout`, or `dockerfile_missing`.
   */
  build(request: BuildRequest): Promise<{ readonly imageId: string }>;
  /** Makes the image present on the engine; throws `image_not_found` with the registry's words. */
  pull(reference: string, signal: AbortSignal): Promise<{ readonly imageId: string }>;
  /**
   * What a reference means in its registry now, without pulling it; answers are kept for a minute. Throws
   * `image_not_found` when the registry does not know it or cannot be asked, with its words.
   */
  resolve(reference: string, signal: AbortSignal): Promise<ResolvedImage>;
  /** Pushes a tag of the engine's; returns its digest (`sha256:…`). Throws `push_failed` with the registry's words. */
  push(reference: string, signal: AbortSignal): Promise<{ readonly digest: string }>;
}

/** An image as its registry describes it. */
export interface ResolvedImage {
  /** `sha256:…` */
  readonly digest: string;
  readonly platforms: readonly Platform[];
}

/** What Skep needs to know of the Swarm before it deploys. */
export interface SwarmInfo {
  readonly engineVersion: string;
  readonly apiVersion: string;
  readonly nodes: number;
}

/** A service as the Swarm holds it. */
export interface LiveService {
  readonly id: string;
  readonly version: number;
  readonly spec: ServiceSpec;
  /** Swarm's own word on its last update; null when it never updated. */
  readonly update: {
    readonly state: string;
    readonly message: string;
    readonly startedAt: number | null;
    readonly completedAt: number | null;
  } | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A task as the Swarm holds it. Times are milliseconds since the epoch. */
export interface LiveTask {
  readonly id: string;
  /** Counts from 1, and in jobs from 0; null where each node runs one task. */
  readonly slot: number | null;
  readonly nodeId: string | null;
  readonly state: string;
  /** `complete` for the tasks of jobs, from the beginning. */
  readonly desiredState: string;
  /** The scheduler's or the node's words, e.g. `no suitable node (…)`; empty when all is well. */
  readonly error: string;
  readonly message: string;
  readonly exitCode: number | null;
  readonly containerId: string | null;
  readonly createdAt: number;
  readonly stateSince: number;
  /**
   * Whether the task runs the service's current task template (placement aside). A job runs anew whenever its service
   * is written: tasks of earlier runs are not current.
   */
  readonly isCurrent: boolean;
}

/** One line that a service wrote. `text` is hostile and not yet redacted. */
export interface ServiceLine {
  readonly taskId: string;
  readonly stream: "stdout" | "stderr";
  readonly at: number;
  readonly text: string;
}

/** A network of the Swarm. */
export interface LiveNetwork {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly isInternal: boolean;
  readonly isAttachable: boolean;
  readonly isIngress: boolean;
  /** In CIDR notation. */
  readonly subnets: readonly string[];
}

/** A config or a secret of the Swarm. */
export interface LiveFile {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Null for secrets: nobody can read those. */
  readonly data: Uint8Array | null;
  readonly templating: string | null;
}

/** A node of the Swarm. */
export interface LiveNode {
  readonly id: string;
  readonly hostname: string;
  readonly role: "manager" | "worker";
  readonly availability: "active" | "pause" | "drain";
  /** Such as `ready` and `down`. */
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly engineLabels: Readonly<Record<string, string>>;
  readonly platform: Platform;
  readonly nanoCpus: number;
  readonly memoryBytes: number;
}

/** A volume of the engine that Skep talks to; those of other nodes are not seen. */
export interface LiveVolume {
  readonly name: string;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** All of a Swarm that a plan rests on. */
export interface LiveCluster {
  /** All services, those of other stacks too. */
  readonly services: readonly LiveService[];
  /** All networks that span the Swarm. */
  readonly networks: readonly LiveNetwork[];
  readonly configs: readonly LiveFile[];
  readonly secrets: readonly LiveFile[];
  readonly nodes: readonly LiveNode[];
  readonly volumes: readonly LiveVolume[];
}

/** The services of one stack with all their tasks that the Swarm remembers. */
export interface LiveStack {
  readonly services: readonly LiveService[];
  /** By the service's full name; a service without tasks has an empty list. */
  readonly tasks: Readonly<Record<string, readonly LiveTask[]>>;
}

/** Configs or secrets. */
export type FileKind = "config" | "secret";

/**
 * The Swarm, as far as the deployer needs it. Throws `swarm_unreachable` (retryable) when the engine is away. Specs
 * name networks, configs and secrets; the adapter finds their IDs.
 */
export interface Swarm {
  /** Throws `swarm_not_manager` when the engine does not manage a Swarm. */
  info(): Promise<SwarmInfo>;
  /**
   * The whole Swarm, in six reads of the engine whatever its size. (Predefined networks, which no list has, are asked
   * for by their ID once.) Networks that are just being removed are left out.
   */
  survey(): Promise<LiveCluster>;
  /**
   * One stack as it runs, in two reads whatever its size; a third where published ports just changed, and one for each
   * task of a lasting service that ended without a word, once.
   */
  stack(stackName: string): Promise<LiveStack>;
  service(name: string): Promise<LiveService | null>;
  /**
   * Creates a service; returns its ID. Throws `spec_rejected`, `port_in_use`, `network_not_found` or `file_not_found`
   * with the engine's words.
   */
  createService(spec: ServiceSpec): Promise<string>;
  /**
   * Updates exactly the version read before; throws `swarm_conflict` (retryable) when it moved on, else as creating
   * does. Any update makes a job run anew.
   */
  updateService(
    service: { readonly id: string; readonly version: number },
    spec: ServiceSpec,
  ): Promise<void>;
  /** Removes a service; succeeds when it is gone already. */
  removeService(name: string): Promise<void>;
  /**
   * Creates a network; waits up to 30 s for one of the same name that is being removed, and succeeds when the stack
   * (by its label) has it already. Throws `spec_rejected`, or `subnet_in_use` when the Swarm has no addresses for it.
   */
  createNetwork(spec: NetworkSpec): Promise<void>;
  /** Removes a network; succeeds when it is gone already, and when something still uses it. */
  removeNetwork(name: string): Promise<void>;
  /**
   * Creates a config or secret, `Data` included; succeeds when the very same is there already (of secrets, the same
   * labels). Throws `spec_rejected`.
   */
  createFile(kind: FileKind, spec: FileSpec): Promise<void>;
  /** Replaces the labels of a config or secret, all that can change. Throws `file_not_found`. */
  labelFile(kind: FileKind, name: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /** Removes a config or secret; succeeds when it is gone already, and when something still uses it. */
  removeFile(kind: FileKind, name: string): Promise<void>;
  /** Makes a folder where it is missing, on the node of this engine only; `image` is any that the engine has. */
  makeFolder(path: string, image: string): Promise<void>;
  /** All tasks of a service that the Swarm remembers, the history included. */
  tasks(serviceName: string): Promise<readonly LiveTask[]>;
  /** The last lines of one task, oldest first; empty when they are gone. */
  taskLines(task: LiveTask, count: number): Promise<readonly ServiceLine[]>;
  /** What the health check of the task's container printed last, when the node is this one; else empty. */
  healthOutput(task: LiveTask): Promise<readonly string[]>;
  /** Follows a service's output from now on until the signal aborts. */
  follow(
    serviceName: string,
    onLine: (line: ServiceLine) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Writes which release a stack runs, as the labels of one small Swarm config. */
  markRelease(stackName: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /** The labels of `markRelease`, or null. */
  releaseMark(stackName: string): Promise<Readonly<Record<string, string>> | null>;
}

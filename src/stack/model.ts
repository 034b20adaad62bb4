import type { Dependency } from "../release.ts";

/**
 * A stack as its Compose files say it, merged, with every short form written out, in the words and units of
 * `docker stack deploy` (docker/cli's `composetypes`): durations in nanoseconds, sizes in bytes. What was not said is
 * undefined, because Swarm tells absent from empty.
 */
export interface StackModel {
  /** By key, as in the files. */
  readonly services: Readonly<Record<string, StackService>>;
  readonly networks: Readonly<Record<string, StackNetwork>>;
  readonly volumes: Readonly<Record<string, StackVolume>>;
  readonly secrets: Readonly<Record<string, StackFileObject>>;
  readonly configs: Readonly<Record<string, StackFileObject>>;
}

/** Whole numbers that may be larger than a double holds (ports, sizes and durations never are). */
export type Labels = Readonly<Record<string, string>>;

export interface StackService {
  readonly image?: string;
  /** Skep builds it; the CLI does not, and so it is never there for it. */
  readonly build?: StackBuild;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  /** Null: a name without a value. env_file is folded in already. */
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly hostname?: string;
  readonly user?: string;
  readonly workingDir?: string;
  readonly stopSignal?: string;
  readonly stopGracePeriodNs?: number;
  readonly tty?: boolean;
  readonly stdinOpen?: boolean;
  readonly readOnly?: boolean;
  readonly init?: boolean;
  readonly isolation?: string;
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly sysctls?: Labels;
  readonly ulimits?: Readonly<Record<string, { readonly hard: number; readonly soft: number }>>;
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  /** `host:ip`, in order (a map's entries sorted). */
  readonly extraHosts?: readonly string[];
  readonly healthcheck?: StackHealthcheck;
  readonly logging?: { readonly driver?: string; readonly options?: Labels };
  readonly labels?: Labels;
  readonly restart?: string;
  readonly credentialSpec?: {
    readonly config?: string;
    readonly file?: string;
    readonly registry?: string;
  };
  readonly ports?: readonly StackPort[];
  readonly mounts?: readonly StackMount[];
  readonly secrets?: readonly StackFileReference[];
  readonly configs?: readonly StackFileReference[];
  /** By network key; undefined: the service names none and joins `default`. */
  readonly networks?: Readonly<Record<string, StackAttachment>>;
  /** Joins no network at all, not even `default`; never so in a Compose file. */
  readonly joinsNone?: boolean;
  readonly deploy?: StackDeploy;
  /** Services to be started before; Swarm ignores it, Skep's apply does not. */
  readonly dependsOn?: Readonly<Record<string, StackDependency>>;
}

/** A service that is to be started before; one that is not required may be missing. */
export interface StackDependency {
  readonly condition: Dependency["condition"];
  readonly isRequired: boolean;
}

/** What an image is built from, paths as written. */
export interface StackBuild {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly args?: Labels;
  readonly target?: string;
}

export interface StackHealthcheck {
  readonly test?: readonly string[];
  readonly disable?: boolean;
  readonly intervalNs?: number;
  readonly timeoutNs?: number;
  readonly startPeriodNs?: number;
  readonly startIntervalNs?: number;
  readonly retries?: number;
}

export interface StackPort {
  readonly target: number;
  readonly published?: number;
  readonly protocol?: string;
  readonly mode?: string;
}

export interface StackMount {
  readonly type: string;
  readonly source?: string;
  readonly target: string;
  readonly readOnly?: boolean;
  readonly consistency?: string;
  /** The options' blocks are there when the file has them, even empty: a block of another type is refused. */
  readonly bind?: { readonly propagation?: string };
  readonly volume?: { readonly noCopy?: boolean; readonly subpath?: string };
  readonly tmpfs?: { readonly sizeBytes?: number };
}

export interface StackFileReference {
  readonly source: string;
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly mode?: number;
}

export interface StackAttachment {
  readonly aliases?: readonly string[];
  readonly driverOpts?: Labels;
}

export interface StackDeploy {
  readonly mode?: string;
  readonly replicas?: number;
  readonly labels?: Labels;
  readonly endpointMode?: string;
  readonly updateConfig?: StackUpdateConfig;
  readonly rollbackConfig?: StackUpdateConfig;
  readonly restartPolicy?: {
    readonly condition?: string;
    readonly delayNs?: number;
    readonly maxAttempts?: number;
    readonly windowNs?: number;
  };
  readonly limits?: {
    readonly nanoCpus?: number;
    readonly memoryBytes?: number;
    readonly pids?: number;
  };
  readonly reservations?: {
    readonly nanoCpus?: number;
    readonly memoryBytes?: number;
    readonly generic?: readonly { readonly kind: string; readonly value: number }[];
  };
  readonly placement?: {
    readonly constraints?: readonly string[];
    readonly preferences?: readonly { readonly spread: string }[];
    readonly maxReplicas?: number;
  };
}

export interface StackUpdateConfig {
  readonly parallelism?: number;
  readonly delayNs?: number;
  readonly monitorNs?: number;
  readonly failureAction?: string;
  readonly maxFailureRatio?: number;
  readonly order?: string;
}

export interface StackNetwork {
  readonly name?: string;
  readonly isExternal?: boolean;
  readonly driver?: string;
  readonly driverOpts?: Labels;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly labels?: Labels;
  readonly ipam?: { readonly driver?: string; readonly subnets?: readonly string[] };
}

export interface StackVolume {
  readonly name?: string;
  readonly isExternal?: boolean;
  /** Undefined where neither was said: no DriverConfig is sent then. */
  readonly driver?: string;
  readonly driverOpts?: Labels;
  readonly labels?: Labels;
}

/** A secret or a config. */
export interface StackFileObject {
  readonly name?: string;
  readonly isExternal?: boolean;
  /** Path of the file, as written. */
  readonly file?: string;
  /** The file's bytes; undefined for an external one, or one that a driver makes. */
  readonly data?: Uint8Array;
  readonly labels?: Labels;
  readonly driver?: string;
  readonly driverOpts?: Labels;
  readonly templateDriver?: string;
}

/** Something that is not as it should be, or that Skep does otherwise than the CLI, at its place. */
export interface StackRemark {
  /** Stable, snake_case. */
  readonly code: string;
  readonly file: string;
  /** From 1; null where no line can be named. */
  readonly line: number | null;
  /** Path of keys, such as `services.web.ports[0]`; empty for the whole file. */
  readonly key: string;
  readonly message: string;
}

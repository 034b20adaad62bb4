/** An app at a commit, built: content-keyed, knows no environment. Times are milliseconds since the epoch. */
export interface Build {
  /** Hex SHA-256 over context tree, Dockerfile, arguments and platform. */
  readonly key: string;
  readonly repositoryId: number;
  /** The immutable local tag, `localhost/<owner>/<app>:<first 16 of the key>`. */
  readonly image: string;
  /** The engine's image ID (`sha256:…`), checked before every use. */
  readonly imageId: string;
  readonly createdAt: number;
  readonly durationMs: number;
}

/** One build (or image reference) bound to one environment, immutable. */
export interface Release {
  readonly id: string;
  readonly repositoryId: number;
  readonly app: string;
  readonly environment: string;
  readonly version: string;
  readonly sha: string;
  /** Null when the service runs a given image. */
  readonly buildKey: string | null;
  /** The image reference that its service runs. */
  readonly image: string;
  /** The stack as JSON, as read from the commit. */
  readonly stack: ServiceDefinition;
  readonly createdAt: number;
}

/** A published port of a service. */
export interface PortDefinition {
  readonly target: number;
  readonly published: number | null;
  readonly protocol: "tcp" | "udp";
  readonly mode: "ingress" | "host";
}

/** A limit or reservation of resources: billionths of a CPU, and bytes. */
export interface ResourceAmounts {
  readonly nanoCpus: number | null;
  readonly memoryBytes: number | null;
}

/** What a service is built from; paths are relative to the app's folder, `dockerfile` to the context. */
export interface BuildDefinition {
  readonly context: string;
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | null;
}

/** How tasks of a service run and are replaced. */
export interface DeployDefinition {
  readonly replicas: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly placement: { readonly constraints: readonly string[] };
  readonly resources: { readonly limits: ResourceAmounts; readonly reservations: ResourceAmounts };
  readonly updateConfig: {
    readonly parallelism: number | null;
    readonly delayMs: number | null;
    readonly monitorMs: number | null;
    readonly maxFailureRatio: number | null;
    readonly order: "start-first" | "stop-first" | null;
    readonly failureAction: "pause" | "continue" | "rollback" | null;
  };
  readonly restartPolicy: {
    readonly condition: "none" | "on-failure" | "any";
    readonly delayMs: number | null;
    readonly maxAttempts: number | null;
    readonly windowMs: number | null;
  } | null;
}

/** One Compose service, validated, with every duration in milliseconds and every size in bytes. */
export interface ServiceDefinition {
  readonly image: string | null;
  readonly build: BuildDefinition | null;
  readonly command: readonly string[] | null;
  readonly entrypoint: readonly string[] | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly PortDefinition[];
  /** Names of networks that exist on the Swarm. */
  readonly networks: readonly string[];
  readonly healthcheck: {
    readonly test: readonly string[];
    readonly intervalMs: number | null;
    readonly timeoutMs: number | null;
    readonly retries: number | null;
    readonly startPeriodMs: number | null;
  } | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly stopGracePeriodMs: number | null;
  readonly user: string | null;
  readonly workingDir: string | null;
  readonly init: boolean | null;
  readonly deploy: DeployDefinition;
}

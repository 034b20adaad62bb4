/**
 * The body of Docker's service create and update calls, as far as Skep writes it; unknown fields that the engine
 * returns are kept. Field names are Docker's (Engine API 1.41). Durations are nanoseconds.
 */
export interface ServiceSpec {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly TaskTemplate: TaskSpec;
  readonly Mode: { readonly Replicated?: { readonly Replicas?: number } };
  readonly UpdateConfig?: UpdateConfig;
  readonly RollbackConfig?: UpdateConfig;
  readonly EndpointSpec: { readonly Mode?: string; readonly Ports?: readonly PortConfig[] };
}

/** What each task runs. Any difference here restarts tasks (placement aside). */
export interface TaskSpec {
  readonly ContainerSpec: ContainerSpec;
  readonly Resources: {
    readonly Limits?: { readonly NanoCPUs?: number; readonly MemoryBytes?: number };
    readonly Reservations?: { readonly NanoCPUs?: number; readonly MemoryBytes?: number };
  };
  readonly RestartPolicy?: {
    readonly Condition: string;
    readonly Delay?: number;
    readonly MaxAttempts?: number;
    readonly Window?: number;
  };
  /** Always sent: engines before 29.7 crash-loop when an update drops it (swarmkit eb52e393d). */
  readonly Placement: { readonly Constraints?: readonly string[] };
  readonly Networks?: readonly { readonly Target: string; readonly Aliases?: readonly string[] }[];
  readonly ForceUpdate: number;
}

/** The container of a task. */
export interface ContainerSpec {
  readonly Image: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Command?: readonly string[];
  readonly Args?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly Dir?: string;
  readonly Init?: boolean;
  readonly StopGracePeriod?: number;
  readonly Healthcheck?: {
    readonly Test?: readonly string[];
    readonly Interval?: number;
    readonly Timeout?: number;
    readonly Retries?: number;
    readonly StartPeriod?: number;
  };
  readonly Privileges: {
    readonly CredentialSpec: object | null;
    readonly SELinuxContext: object | null;
  };
}

/** How tasks are replaced. */
export interface UpdateConfig {
  readonly Parallelism: number;
  readonly Delay?: number;
  readonly FailureAction: string;
  readonly Monitor?: number;
  readonly MaxFailureRatio: number;
  readonly Order: string;
}

/** A published port. */
export interface PortConfig {
  readonly Protocol: string;
  readonly TargetPort: number;
  readonly PublishedPort?: number;
  readonly PublishMode: string;
}

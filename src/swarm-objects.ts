/**
 * The bodies of Docker's API calls (Engine API 1.41), as far as Skep reads them; fields that it does not name are kept
 * as they are. Durations are nanoseconds, sizes are bytes.
 *
 * Wherever Skep holds them, networks, configs and secrets are called by name: IDs are the adapter's business.
 */

/** The body of the calls that create and update a service. */
export interface ServiceSpec {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly TaskTemplate: TaskSpec;
  readonly Mode: ServiceMode;
  readonly UpdateConfig?: UpdateConfig;
  readonly RollbackConfig?: UpdateConfig;
  readonly EndpointSpec: { readonly Mode?: string; readonly Ports?: readonly PortConfig[] };
}

/** One of these is there. */
export interface ServiceMode {
  readonly Replicated?: { readonly Replicas?: number };
  readonly Global?: object;
  readonly ReplicatedJob?: { readonly MaxConcurrent?: number; readonly TotalCompletions?: number };
  readonly GlobalJob?: object;
}

/** Which mode a service has. The Swarm never changes it. */
export function modeOf({ Mode }: Pick<ServiceSpec, "Mode">): keyof ServiceMode {
  if (Mode.Global) return "Global";
  if (Mode.ReplicatedJob) return "ReplicatedJob";
  return Mode.GlobalJob ? "GlobalJob" : "Replicated";
}

/** What each task runs. Any difference here restarts tasks (placement aside). */
export interface TaskSpec {
  readonly ContainerSpec: ContainerSpec;
  readonly Resources: { readonly Limits?: Resources; readonly Reservations?: Resources };
  readonly RestartPolicy?: {
    readonly Condition?: string;
    readonly Delay?: number;
    readonly MaxAttempts?: number;
    readonly Window?: number;
  };
  /** Always sent: engines before 29.7 crash-loop when an update drops it (swarmkit eb52e393d). */
  readonly Placement: {
    readonly Constraints?: readonly string[];
    readonly Preferences?: readonly { readonly Spread?: { readonly SpreadDescriptor: string } }[];
    readonly MaxReplicas?: number;
    readonly Platforms?: readonly { readonly OS?: string; readonly Architecture?: string }[];
  };
  readonly Networks?: readonly NetworkAttachment[];
  readonly LogDriver?: {
    readonly Name?: string;
    readonly Options?: Readonly<Record<string, string>>;
  };
  readonly ForceUpdate: number;
}

/** A network that tasks join; `Target` is its name. */
export interface NetworkAttachment {
  readonly Target: string;
  readonly Aliases?: readonly string[];
  readonly DriverOpts?: Readonly<Record<string, string>>;
}

/** What a task may use, or has reserved for it. */
export interface Resources {
  readonly NanoCPUs?: number;
  readonly MemoryBytes?: number;
  readonly Pids?: number;
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
  readonly Mounts?: readonly MountSpec[];
  readonly Configs?: readonly FileReference[];
  readonly Secrets?: readonly FileReference[];
  readonly Privileges: {
    readonly CredentialSpec: object | null;
    readonly SELinuxContext: object | null;
  };
}

/** Something mounted into a container. */
export interface MountSpec {
  readonly Type?: string;
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly VolumeOptions?: {
    readonly Labels?: Readonly<Record<string, string>>;
    readonly DriverConfig?: {
      readonly Name?: string;
      readonly Options?: Readonly<Record<string, string>>;
    };
  };
}

/** A config or secret in a container, by name; one without `File` is for the runtime (a credential spec). */
export interface FileReference {
  readonly ConfigName?: string;
  readonly SecretName?: string;
  readonly File?: {
    readonly Name: string;
    readonly UID: string;
    readonly GID: string;
    readonly Mode: number;
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
  readonly Protocol?: string;
  readonly TargetPort?: number;
  readonly PublishedPort?: number;
  readonly PublishMode?: string;
}

/** The body of the call that creates a network. */
export interface NetworkSpec {
  readonly Name: string;
  readonly Driver: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Options: Readonly<Record<string, string>> | null;
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly IPAM: {
    readonly Driver: string;
    readonly Config: readonly { readonly Subnet?: string }[] | null;
  } | null;
}

/** The body of the call that creates a config or a secret; `Data` is base64 and never stored. */
export interface FileSpec {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Data?: string;
  readonly Templating?: { readonly Name: string };
  /** Only of secrets. */
  readonly Driver?: { readonly Name: string; readonly Options?: Readonly<Record<string, string>> };
}

/** The labels that `docker stack ls|ps|rm` go by. */
export const STACK_LABELS = {
  namespace: "com.docker.stack.namespace",
  image: "com.docker.stack.image",
} as const;

/**
 * Skep's own labels. On services, `deployment` names the deployment that last changed it, `owner` whose it is: never on
 * containers, whose tasks would restart. On configs and secrets, `content` is what their bytes are told by.
 */
export const SKEP_LABELS = {
  deployment: "skep.deployment",
  release: "skep.release",
  owner: "skep.owner",
  content: "skep.content",
} as const;

/** The config whose labels say which release a stack runs, and for whom. */
export function releaseMarkName(stackName: string): string {
  return `${stackName}_release`;
}

/** Whether a label is Skep's: such labels say nothing about what runs. */
export function isSkepLabel(name: string): boolean {
  return name.startsWith("skep.");
}

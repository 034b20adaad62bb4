/** Ports from `from` to `to`, both included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** A place outside of Docker that may be mounted. */
export interface AllowedBind {
  /** An absolute path, tidied, or `host:/path` of an NFS server. */
  readonly path: string;
  /** Whether the folders in it may be mounted too. */
  readonly hasSubfolders: boolean;
  /** Whether it may only be read. */
  readonly isReadOnly: boolean;
  /** Whether Skep makes the folder where it is missing. */
  readonly isCreated: boolean;
}

/** The most that a stack may ask for; null for no limit. */
export interface GuardLimits {
  /** Billionths of a CPU, of one task. */
  readonly nanoCpus: number | null;
  /** Of one task. */
  readonly memoryBytes: number | null;
  /** Of one service. */
  readonly replicas: number | null;
  /** Of one stack. */
  readonly services: number | null;
}

/**
 * What the operator allows the stacks of one repository. Lists of texts are patterns, in which `*` stands for any
 * characters within a part.
 */
export interface GuardRules {
  readonly publishedPorts: readonly PortRange[];
  readonly bindMounts: readonly AllowedBind[];
  readonly volumeDrivers: readonly string[];
  /** Without `CAP_`. Those that Docker gives by default need no mention. */
  readonly capAdd: readonly string[];
  readonly sysctls: readonly string[];
  readonly ulimits: readonly string[];
  readonly genericResources: readonly string[];
  readonly hostNetwork: boolean;
  /** Whether tasks may run on managers. */
  readonly managerNodes: boolean;
  readonly registries: readonly string[];
  readonly logDrivers: readonly string[];
  /** Of others. */
  readonly networks: readonly string[];
  readonly networkDrivers: readonly string[];
  readonly networkOptions: readonly string[];
  /** Of others. */
  readonly volumes: readonly string[];
  /** Of others. */
  readonly configs: readonly string[];
  /** Of others. */
  readonly secrets: readonly string[];
  readonly secretDrivers: readonly string[];
  readonly credentialSpecs: boolean;
  /** Null: any that no other stack has. */
  readonly hosts: readonly string[] | null;
  readonly limits: GuardLimits;
}

/** What is allowed where the operator says nothing. */
export const DEFAULT_RULES: GuardRules = {
  publishedPorts: [
    { from: 80, to: 80 },
    { from: 443, to: 443 },
    { from: 1024, to: 65_535 },
  ],
  bindMounts: [],
  volumeDrivers: ["local"],
  capAdd: [],
  sysctls: [],
  ulimits: ["core", "fsize", "memlock", "nofile", "nproc", "stack"],
  genericResources: [],
  hostNetwork: false,
  managerNodes: true,
  registries: ["*"],
  logDrivers: ["json-file", "local", "journald", "none"],
  networks: ["*"],
  networkDrivers: ["overlay"],
  networkOptions: ["encrypted", "com.docker.network.driver.mtu"],
  volumes: [],
  configs: [],
  secrets: [],
  secretDrivers: [],
  credentialSpecs: false,
  hosts: null,
  limits: { nanoCpus: null, memoryBytes: null, replicas: null, services: null },
};

/** A stack that the operator gives to an environment although it was there before. */
export interface StackBinding {
  /** `owner/name` */
  readonly repository: string;
  readonly app: string;
  readonly environment: string;
}

/** One entry of `allow`: for which repositories, and what it says. */
export interface AllowEntry {
  readonly repositories: readonly string[];
  readonly rules: Partial<Omit<GuardRules, "limits">>;
  readonly limits: Partial<GuardLimits>;
}

/** The operator's `skep.server.yml`. */
export interface ServerConfig {
  /** Who may deploy at all; null for every repository that the App is installed on. */
  readonly repositories: readonly string[] | null;
  /** By the stack's name. */
  readonly stacks: ReadonlyMap<string, StackBinding>;
  readonly allow: readonly AllowEntry[];
}

/** That of an operator who has no file. */
export const NO_SERVER_CONFIG: ServerConfig = {
  repositories: null,
  stacks: new Map(),
  allow: [],
};

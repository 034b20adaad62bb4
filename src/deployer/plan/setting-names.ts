/** Docker's field paths (or their beginnings) in the words of a Compose file. The first that fits counts. */
const NAMES: readonly (readonly [path: string, setting: string])[] = [
  ["TaskTemplate/ContainerSpec/Image", "image"],
  ["TaskTemplate/ContainerSpec/Command", "entrypoint"],
  ["TaskTemplate/ContainerSpec/Args", "command"],
  ["TaskTemplate/ContainerSpec/Env/", "environment."],
  ["TaskTemplate/ContainerSpec/Labels/", "labels."],
  ["TaskTemplate/ContainerSpec/Dir", "working_dir"],
  ["TaskTemplate/ContainerSpec/Healthcheck", "healthcheck"],
  ["TaskTemplate/ContainerSpec/MountOrder", "volumes"],
  ["TaskTemplate/ContainerSpec/Mounts/", "volumes."],
  ["TaskTemplate/ContainerSpec/Configs/", "configs."],
  ["TaskTemplate/ContainerSpec/Secrets/", "secrets."],
  ["TaskTemplate/ContainerSpec/Sysctls/", "sysctls."],
  ["TaskTemplate/ContainerSpec/Hosts", "extra_hosts"],
  ["TaskTemplate/ContainerSpec/DNSConfig/Nameservers", "dns"],
  ["TaskTemplate/ContainerSpec/DNSConfig/Search", "dns_search"],
  ["TaskTemplate/ContainerSpec/DNSConfig", "dns"],
  ["TaskTemplate/ContainerSpec/CapabilityAdd", "cap_add"],
  ["TaskTemplate/ContainerSpec/CapabilityDrop", "cap_drop"],
  ["TaskTemplate/ContainerSpec/OpenStdin", "stdin_open"],
  ["TaskTemplate/ContainerSpec/TTY", "tty"],
  ["TaskTemplate/ContainerSpec/Privileges/CredentialSpec", "credential_spec"],
  ["TaskTemplate/ContainerSpec/", ""],
  ["TaskTemplate/Resources/Limits/NanoCPUs", "deploy.resources.limits.cpus"],
  ["TaskTemplate/Resources/Limits/MemoryBytes", "deploy.resources.limits.memory"],
  ["TaskTemplate/Resources/Reservations/NanoCPUs", "deploy.resources.reservations.cpus"],
  ["TaskTemplate/Resources/Reservations/MemoryBytes", "deploy.resources.reservations.memory"],
  ["TaskTemplate/Networks", "networks"],
  ["TaskTemplate/LogDriver/Name", "logging.driver"],
  ["TaskTemplate/LogDriver/Options/", "logging.options."],
  ["TaskTemplate/LogDriver", "logging"],
  ["TaskTemplate/Placement/MaxReplicas", "deploy.placement.max_replicas_per_node"],
  ["TaskTemplate/", "deploy."],
  ["Labels/", "deploy.labels."],
  ["Mode/Kind", "deploy.mode"],
  ["Mode/Replicated/Replicas", "deploy.replicas"],
  ["Mode/ReplicatedJob/TotalCompletions", "deploy.replicas"],
  ["Mode/", "deploy.mode."],
  ["EndpointSpec/Ports", "ports"],
  ["EndpointSpec/Mode", "deploy.endpoint_mode"],
  ["UpdateConfig", "deploy.update_config"],
  ["RollbackConfig", "deploy.rollback_config"],
];

/** Maps whose keys are the user's own words. */
const FREE_KEYS =
  /^(?:TaskTemplate\/ContainerSpec\/(?:Env|Labels|Mounts|Configs|Secrets|Sysctls)|TaskTemplate\/LogDriver\/Options|Labels)\//u;

/** A field of a spec as a Compose file calls it: `UpdateConfig/MaxFailureRatio` is `deploy.update_config.max_failure_ratio`. */
export function settingName(path: string): string {
  const [prefix, setting] = NAMES.find(([start]) => path.startsWith(start)) ?? ["", ""];
  const rest = path.slice(prefix.length);
  return FREE_KEYS.test(path) ? `${setting}${rest}` : `${setting}${snakeCase(rest)}`;
}

function snakeCase(path: string): string {
  return path
    .replaceAll("/", ".")
    .replaceAll(/([a-z])([A-Z])/gu, "$1_$2")
    .toLowerCase();
}

const DURATION = /\/(?:Interval|Timeout|StartPeriod|StopGracePeriod|Delay|Monitor|Window)$/u;
const MEBIBYTE = 1024 * 1024;
/** The modes of a service as a Compose file calls them. */
const MODES: Readonly<Record<string, string>> = {
  Replicated: "replicated",
  Global: "global",
  ReplicatedJob: "replicated-job",
  GlobalJob: "global-job",
};

/** A value of a spec as a Compose file writes it. Different values never look the same. */
export function showValue(path: string, value: unknown): string {
  if (typeof value === "string") {
    if (path === "Mode/Kind") return MODES[value] ?? value;
    return path.startsWith("TaskTemplate/ContainerSpec/Env/") ? value.slice(1) : value;
  }
  if (typeof value !== "number") return JSON.stringify(value);
  if (DURATION.test(path)) return `${value / 1e9}s`;
  if (path.endsWith("/NanoCPUs")) return String(value / 1e9);
  if (path.endsWith("/MaxFailureRatio")) return String(Math.fround(value));
  if (!path.endsWith("/MemoryBytes")) return String(value);
  return value % MEBIBYTE === 0 ? `${value / MEBIBYTE}MiB` : `${value}B`;
}

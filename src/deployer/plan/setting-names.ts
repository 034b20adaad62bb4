/** Docker's field paths (or their beginnings) in the words of a Compose file. The first that fits counts. */
const NAMES: readonly (readonly [path: string, setting: string])[] = [
  ["TaskTemplate/ContainerSpec/Image", "image"],
  ["TaskTemplate/ContainerSpec/Command", "entrypoint"],
  ["TaskTemplate/ContainerSpec/Args", "command"],
  ["TaskTemplate/ContainerSpec/Env/", "environment."],
  ["TaskTemplate/ContainerSpec/Labels/", "labels."],
  ["TaskTemplate/ContainerSpec/Dir", "working_dir"],
  ["TaskTemplate/ContainerSpec/Healthcheck", "healthcheck"],
  ["TaskTemplate/ContainerSpec/", ""],
  ["TaskTemplate/Resources/Limits/NanoCPUs", "deploy.resources.limits.cpus"],
  ["TaskTemplate/Resources/Limits/MemoryBytes", "deploy.resources.limits.memory"],
  ["TaskTemplate/Resources/Reservations/NanoCPUs", "deploy.resources.reservations.cpus"],
  ["TaskTemplate/Resources/Reservations/MemoryBytes", "deploy.resources.reservations.memory"],
  ["TaskTemplate/Networks", "networks"],
  ["TaskTemplate/", "deploy."],
  ["Labels/", "deploy.labels."],
  ["Mode/Replicated/Replicas", "deploy.replicas"],
  ["Mode/", "deploy.mode."],
  ["EndpointSpec/Ports", "ports"],
  ["EndpointSpec/Mode", "deploy.endpoint_mode"],
  ["UpdateConfig", "deploy.update_config"],
  ["RollbackConfig", "deploy.rollback_config"],
];

/** Maps whose keys are the user's own words. */
const FREE_KEYS = /^(?:TaskTemplate\/ContainerSpec\/(?:Env|Labels)|Labels)\//u;

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

/** A value of a spec as a Compose file writes it. Different values never look the same. */
export function showValue(path: string, value: unknown): string {
  if (typeof value === "string") return path.includes("/Env/") ? value.slice(1) : value;
  if (typeof value !== "number") return JSON.stringify(value);
  if (DURATION.test(path)) return `${value / 1e9}s`;
  if (path.endsWith("/NanoCPUs")) return String(value / 1e9);
  if (path.endsWith("/MaxFailureRatio")) return String(Math.fround(value));
  if (!path.endsWith("/MemoryBytes")) return String(value);
  return value % MEBIBYTE === 0 ? `${value / MEBIBYTE}MiB` : `${value}B`;
}

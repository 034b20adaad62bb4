import { nearest } from "../../nearest.ts";
import { longPort } from "./ports.ts";
import { quote, showPath, TITLES, type ConfigPath, type Problem } from "./problem.ts";
import { appKeys, deployOnKeys, environmentKeys, topKeys } from "./schema.ts";
import {
  buildKeys,
  deployKeys,
  healthcheckKeys,
  placementKeys,
  resourceKeys,
  resourcesKeys,
  restartKeys,
  serviceKeys,
  updateKeys,
} from "./service.ts";

/** The keys of one kind of mapping: those that work, and those that are planned (or part of Compose) but do not yet. */
interface Level {
  readonly keys: readonly string[];
  readonly later: readonly string[];
}

function level(schema: { readonly shape: object }, later = ""): Level {
  return { keys: Object.keys(schema.shape), later: later.split(" ").filter(Boolean) };
}

const LATER_IN_SERVICE =
  "annotations attach blkio_config cap_add cap_drop cgroup cgroup_parent cgroupns_mode configs container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on develop device_cgroup_rules devices dns dns_opt dns_search domainname env_file expose extends external_links extra_hosts gpus group_add hostname ipc isolation label_file links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit models network_mode oom_kill_disable oom_score_adj pid pids_limit platform post_start pre_stop privileged profiles provider pull_policy read_only restart runtime scale secrets security_opt shm_size stdin_open stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket userns_mode uts volume_driver volumes volumes_from";

/** Every kind of mapping of the file, by its path; `*` stands for a name or a position. */
export const LEVELS: Readonly<Record<string, Level>> = {
  "": level(topKeys),
  "apps.*": level(appKeys, "stack label environments"),
  "environments.*": level(
    environmentKeys,
    "cluster variables verify promote approvals permissions freeze before_deploy backup rollback stack",
  ),
  "environments.*.deploy_on": level(deployOnKeys, "pull_request schedule"),
  service: level(serviceKeys, LATER_IN_SERVICE),
  "service.build": level(
    buildKeys,
    "additional_contexts cache_from cache_to dockerfile_inline entitlements extra_hosts isolation labels network no_cache platforms privileged provenance pull sbom secrets shm_size ssh tags ulimits",
  ),
  "service.ports.*": level(longPort, "app_protocol host_ip name"),
  "service.healthcheck": level(healthcheckKeys, "start_interval"),
  "service.deploy": level(deployKeys, "endpoint_mode mode rollback_config"),
  "service.deploy.placement": level(placementKeys, "max_replicas_per_node preferences"),
  "service.deploy.resources": level(resourcesKeys),
  "service.deploy.resources.limits": level(resourceKeys, "devices pids"),
  "service.deploy.resources.reservations": level(resourceKeys, "devices generic_resources pids"),
  "service.deploy.update_config": level(updateKeys),
  "service.deploy.restart_policy": level(restartKeys),
};

/** The kind of mapping at a path of the file. */
function levelAt(path: ConfigPath): Level | undefined {
  const parts = path.map((part) => (typeof part === "number" ? "*" : part));
  if (parts[0] === "apps" && parts.length > 2) return LEVELS[parts.slice(2).join(".")];
  if (parts[0] === "apps" || parts[0] === "environments") parts[1] &&= "*";
  return LEVELS[parts.join(".")];
}

/** Mappings that may hold keys of the user's own, as in Compose. */
export function isExtension(path: ConfigPath, key: string): boolean {
  if (!key.startsWith("x-")) return false;
  return path.length === 0 || path.at(-1) === "service";
}

/** What to say about a key that does not work at this place. */
export function refuseKey(path: ConfigPath, key: string): Problem {
  const where = path.length === 0 ? "at the top of the file" : `in ${showPath(path)}`;
  const { keys, later } = levelAt(path) ?? { keys: [], later: [] };
  const place: ConfigPath = [...path, key];
  const refuse = (title: string, message: string): Problem => ({
    path: place,
    level: "failure",
    title,
    message,
  });
  if (later.includes(key)) {
    return refuse(TITLES.later, `\`${key}\` ${where} is not supported yet: remove it.`);
  }
  const name = quote(key);
  const close = nearest(key, [...keys, ...later]);
  if (close !== null) {
    return refuse(TITLES.unknown, `\`${name}\` is not a key ${where}: did you mean \`${close}\`?`);
  }
  const known = keys.map((one) => `\`${one}\``).join(", ");
  return refuse(
    TITLES.unknown,
    `\`${name}\` is not a key ${where}: remove it, or use one of ${known}.`,
  );
}

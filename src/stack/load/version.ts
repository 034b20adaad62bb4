import type { At } from "./report.ts";
import { isMapping, print, type Mapping } from "./value.ts";

const NEWEST = 13;

const FORBIDDEN: ReadonlyMap<string, string> = new Map([
  ["extends", "write the service out, or share parts of it by YAML anchors."],
  ["volume_driver", "define a volume at the top level and say its driver there."],
  ["volumes_from", "define a volume at the top level and name it in each service that shares it."],
  ["cpu_quota", "set deploy.resources.limits.cpus."],
  ["cpu_shares", "set deploy.resources.reservations.cpus."],
  ["cpuset", "Swarm knows no such limit; set deploy.resources.limits.cpus."],
  ["mem_limit", "set deploy.resources.limits.memory."],
  ["memswap_limit", "set deploy.resources.limits.memory."],
]);

/** The version a file is of, as the CLI prints it: `3.13` unless it says another. */
export function versionOf(root: Mapping): string {
  if (!root.has("version")) return `3.${NEWEST}`;
  const text = print(root.get("version"));
  return text === "" || text === "3" ? `3.${NEWEST}` : text;
}

/** The minor number of a version 3 that there is a schema for, else a problem. */
export function minorOf(version: string, at: At): number | null {
  const match = /^3\.(\d|1[0-3])$/.exec(version);
  if (match !== null) return Number(match[1]);
  const known = `3.0 to 3.${NEWEST}`;
  at.to("version").refuse(
    "unsupported_version",
    `unsupported Compose file version: ${version}. Leave the key out, or name one of ${known}.`,
  );
  return null;
}

/** Refuses what Compose files of version 2 had and Swarm has not. */
export function refuseForbidden(root: Mapping, at: At): void {
  const services = root.get("services");
  if (!isMapping(services)) return;
  for (const [name, service] of services) {
    if (!isMapping(service)) continue;
    for (const [key, instead] of FORBIDDEN) {
      if (!service.has(key)) continue;
      const place = at.to("services").to(name).to(key);
      place.refuse("forbidden_key", `${key} is an unsupported option: ${instead}`);
    }
  }
}

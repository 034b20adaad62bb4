import type { Fields } from "./fields.ts";
import { isAddressed } from "./port.ts";
import type { At } from "./report.ts";
import { isList, isMapping, type Value } from "./value.ts";

/** Keys without which a service is less safe, or does not work: each with what to use instead. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ["privileged", "name what the service needs by cap_add."],
  ["devices", "run what needs the node's devices outside of the Swarm."],
  ["security_opt", "set it as the default of the nodes' engines."],
  ["pid", "run what needs the node's processes outside of the Swarm."],
  ["ipc", "put what shares memory into one service, with a tmpfs at /dev/shm."],
  ["network_mode", "join the network by networks; the node's own is the external network `host`."],
  ["userns_mode", "set it as the default of the nodes' engines."],
]);

/** Keys that change little: each with what to use instead. */
const IGNORED: ReadonlyMap<string, string> = new Map([
  ["tmpfs", "write volumes: [{type: tmpfs, target: …}]."],
  ["container_name", "services reach each other by the service's name; further ones are aliases."],
  ["expose", "services of a network reach all ports of each other: leave it out."],
  ["links", "services of a network reach each other by name; further names are aliases."],
  ["external_links", "join a network of both: services of a network reach each other by name."],
  ["shm_size", "write volumes: [{type: tmpfs, target: /dev/shm, tmpfs: {size: …}}]."],
  ["mac_address", "the Swarm chooses it: leave it out."],
  ["domainname", "write the whole name into hostname."],
  ["cgroup_parent", "set deploy.resources.limits."],
  ["cgroupns_mode", "set it as the default of the nodes' engines."],
  ["oom_score_adj", "set deploy.resources.reservations.memory."],
]);

/** Tells each key of a service that a Swarm has nothing for; what concerns security or hardware is refused. */
export function tellIgnored(fields: Fields): void {
  for (const [key, instead] of REFUSED) {
    if (!saysSomething(fields.value(key))) continue;
    fields.at.to(key).refuse("unsupported_key", `a Swarm has no ${key}: ${instead}`);
  }
  for (const [key, instead] of IGNORED) {
    if (!saysSomething(fields.value(key))) continue;
    fields.at.to(key).note("ignored_key", `a Swarm has no ${key}: ${instead}`);
  }
  tellRestart(fields);
  tellAddresses(fields);
  eachMapping(fields, "volumes", tellMount);
  for (const kind of ["configs", "secrets"]) eachMapping(fields, kind, tellReference);
  tellAttachments(fields);
}

function saysSomething(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === false || value === "") return false;
  return !(isList(value) && value.length === 0) && value !== 0n && value !== 0;
}

function tellRestart(fields: Fields): void {
  const hasPolicy = fields.inside("deploy", (deploy) => deploy.has("restart_policy")) ?? false;
  if (!hasPolicy || !fields.has("restart")) return;
  fields.at
    .to("restart")
    .note("ignored_key", "deploy.restart_policy says it already, and wins: leave restart out.");
}

/** The CLI drops the address, and so publishes for all the world what was meant for one network. */
function tellAddresses(fields: Fields): void {
  fields.each("ports", (value, at) => {
    if (typeof value !== "string" || !isAddressed(value)) return;
    const instead =
      "leave the port out where only other services use it, or publish it without an address and close it by a firewall.";
    at.refuse("port_address", `a Swarm publishes ports on all addresses of its nodes: ${instead}`);
  });
}

function eachMapping(
  fields: Fields,
  key: string,
  tell: (value: ReadonlyMap<string, Value>, at: At) => void,
): void {
  fields.each(key, (value, at) => {
    if (isMapping(value)) tell(value, at);
  });
}

const MOUNT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  bind: ["propagation"],
  volume: ["nocopy", "subpath"],
  tmpfs: ["size"],
};

function tellMount(mount: ReadonlyMap<string, Value>, at: At): void {
  for (const [block, known] of Object.entries(MOUNT_OPTIONS)) {
    const options = mount.get(block);
    if (!isMapping(options)) continue;
    tellOthers(options, known, at.to(block));
  }
}

function tellReference(reference: ReadonlyMap<string, Value>, at: At): void {
  tellOthers(reference, ["source", "target", "uid", "gid", "mode"], at);
}

function tellOthers(options: ReadonlyMap<string, Value>, known: readonly string[], at: At): void {
  for (const key of options.keys()) {
    if (known.includes(key) || key.startsWith("x-")) continue;
    const rest = known.length === 1 ? `${known[0]} is` : `${known.join(", ")} are`;
    at.to(key).note("ignored_key", `a Swarm has no such option here: leave it out; ${rest} known.`);
  }
}

function tellAttachments(fields: Fields): void {
  const networks = fields.value("networks");
  if (!isMapping(networks)) return;
  for (const [name, attachment] of networks) {
    if (!isMapping(attachment)) continue;
    for (const key of ["ipv4_address", "ipv6_address"]) {
      if (!saysSomething(attachment.get(key))) continue;
      fields.at
        .to("networks")
        .to(name)
        .to(key)
        .note("ignored_key", "the Swarm chooses addresses: reach the service by its name.");
    }
  }
}

import type { FileReference, MountSpec, PortConfig, TaskSpec } from "../../swarm-objects.ts";

/** The label that the CLI puts on volumes too: it says nothing about what is mounted. */
const NAMESPACE_LABEL = "com.docker.stack.namespace";
const DEFAULT_MODE = 0o444;

/** Variables by name, `=` and the value; a later one of the same name wins. */
export function readEnv(env: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    env.map((entry) => {
      const at = entry.indexOf("=");
      return at < 0 ? [entry, "=(no value)"] : [entry.slice(0, at), `=${entry.slice(at + 1)}`];
    }),
  );
}

/** A published port in words; what the engine does not know is what it takes it for. */
export function describePort(port: PortConfig): string {
  const { PublishedPort: published, TargetPort: target = 0 } = port;
  const from = published === undefined || published === 0 ? "any" : String(published);
  return `${from}→${target}/${protocolOf(port)} ${port.PublishMode === "host" ? "host" : "ingress"}`;
}

/** `tcp`, `udp` or `sctp`, as the engine reads it. */
export function protocolOf({ Protocol = "" }: PortConfig): string {
  const protocol = Protocol.toLowerCase();
  return protocol === "udp" || protocol === "sctp" ? protocol : "tcp";
}

/** A network with its aliases in words. */
export function describeNetwork(network: NonNullable<TaskSpec["Networks"]>[number]): string {
  const { Target, Aliases, ...rest } = network;
  const known = [Target, ...(Aliases ?? [])].join(" ");
  const further = canonical(rest);
  return further === null ? known : `${known} ${JSON.stringify(further)}`;
}

/** Mounts by target, each in words. */
export function describeMounts(mounts: readonly MountSpec[]): Record<string, string> {
  return byKey(mounts.map((mount) => [mount.Target, describeMount(mount)]));
}

function describeMount(mount: MountSpec): string {
  const { Type = "volume", Source = "", Target: _, ReadOnly, ...rest } = mount;
  const further = canonical(withoutUnstored(rest));
  return [
    Type,
    Source,
    ReadOnly === true ? "read-only" : "",
    further === null ? "" : JSON.stringify(further),
  ]
    .filter((part) => part !== "")
    .join(" ");
}

/** The engine drops the consistency, and with the API that Skep speaks the path within a volume. */
function withoutUnstored(rest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { Consistency: _, VolumeOptions, ...kept } = rest;
  if (!isRecord(VolumeOptions)) return kept;
  const { Subpath: __, Labels, ...options } = VolumeOptions;
  const labels = isRecord(Labels)
    ? Object.fromEntries(Object.entries(Labels).filter(([name]) => name !== NAMESPACE_LABEL))
    : {};
  return { ...kept, VolumeOptions: { ...options, Labels: labels } };
}

/** References to configs or secrets by their target, each in words. Their order does not count. */
export function describeReferences(references: readonly FileReference[]): Record<string, string> {
  const entries = references.map((reference): [string, string] => {
    const name = reference.ConfigName ?? reference.SecretName ?? "";
    const { File } = reference;
    if (File === undefined) return ["(runtime)", name];
    const { UID, GID, Mode } = File;
    const isUsual = UID === "0" && GID === "0" && Mode === DEFAULT_MODE;
    const owner = isUsual ? "" : ` ${UID}:${GID} 0${Mode.toString(8)}`;
    return [File.Name, `${name}${owner}`];
  });
  return byKey(entries.toSorted(([a, one], [b, other]) => compare(a, b) || compare(one, other)));
}

/** Limits of processes in words, sorted by name. */
export function describeUlimits(limits: unknown): readonly string[] {
  if (!Array.isArray(limits)) return [];
  const texts = limits.map((limit) =>
    isRecord(limit)
      ? `${plain(limit.Name)}=${plain(limit.Soft)}:${plain(limit.Hard)}`
      : JSON.stringify(limit),
  );
  return texts.toSorted();
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? 0);
}

/** A list without an order of its own. */
export function sortedTexts(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map(String).toSorted() : [];
}

/** The value with sorted keys and without what is empty, as the engine leaves it out; null when nothing is left. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(canonical);
  if (!isRecord(value)) return isNothing(value) ? null : value;
  const entries = Object.keys(value)
    .toSorted()
    .map((key): [string, unknown] => [key, canonical(value[key])])
    .filter(([, inner]) => inner !== null);
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}

/** A map that keeps equal keys apart. */
function byKey(entries: readonly (readonly [string, string])[]): Record<string, string> {
  const seen = new Map<string, number>();
  return Object.fromEntries(
    entries.map(([key, text]) => {
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      return [count === 1 ? key : `${key} (${count})`, text];
    }),
  );
}

/** Whether a value is an object with keys. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

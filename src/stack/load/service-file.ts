import type { StackModel, StackService } from "../model.ts";
import type { FilePart } from "./load-file.ts";
import { isList, isMapping, type Mapping, type Step, type Value } from "./value.ts";

/** One Compose service in a file that is no Compose file. */
export interface LoneService {
  /** The service's key in the stack. */
  readonly name: string;
  /** The way to its keys from the file's root, such as `apps`, `shop`, `service`; empty when they are the root's. */
  readonly place: readonly Step[];
}

/** The Compose file that has this service and nothing else. One that is not there says nothing. */
export function serviceRoot(whole: Value, { name, place }: LoneService): Mapping {
  const found = place.reduce<Value>(inside, whole) ?? new Map<string, Value>();
  return new Map<string, Value>([["services", new Map<string, Value>([[name, found]])]]);
}

function inside(value: Value, step: Step): Value {
  if (isMapping(value)) return value.get(String(step)) ?? null;
  return isList(value) && typeof step === "number" ? (value[step] ?? null) : null;
}

/** Where in the real file a place of `serviceRoot` is; of the rest, where the service itself stands. */
export function pathInFile(
  { name, place }: LoneService,
  [section, key, ...rest]: readonly Step[],
): readonly Step[] {
  return section === "services" && key === name ? [...place, ...rest] : place;
}

/** The same for a key such as `services.web.ports[0]`, of which a step may hold dots itself. */
export function keyInFile({ name }: LoneService, prefix: string, key: string): string {
  const own = `services.${name}`;
  const rest = key.startsWith(own) ? key.slice(own.length) : "";
  if (!/^[.[]/u.test(rest)) return prefix;
  return prefix === "" ? rest.replace(/^\./u, "") : `${prefix}${rest}`;
}

/**
 * The part with what a lone service cannot declare: the networks that it names are there already, and its named volumes
 * are plain ones.
 */
export function withImplied(part: FilePart): FilePart {
  const services = Object.values(part.services);
  const networks = services.flatMap(({ networks: joined = {} }) =>
    Object.keys(joined).map((key) => [key, { isExternal: true, name: key }] as const),
  );
  const volumes = services.flatMap((service) =>
    namedVolumes(service).map((key) => [key, {}] as const),
  );
  return {
    ...part,
    networks: { ...Object.fromEntries(networks), ...part.networks },
    volumes: { ...Object.fromEntries(volumes), ...part.volumes },
  };
}

function namedVolumes({ mounts = [] }: StackService): readonly string[] {
  return mounts.flatMap(({ type, source = "" }) => {
    const isNamed = type === "volume" || (type === "cluster" && !source.startsWith("group:"));
    return isNamed && source !== "" ? [source] : [];
  });
}

/** What a lone service joins when it names no network: the stack's own one, one that is there already, or none. */
export type LoneNetwork = "own" | { readonly external: string } | null;

/** The stack with that network for those of its services that are lone ones and name none. */
export function withLoneNetwork(
  stack: FilePart,
  lone: readonly LoneService[],
  network: LoneNetwork,
): FilePart {
  if (network === "own") return stack;
  const isOpen = (key: string): boolean =>
    lone.some(({ name }) => name === key) && stack.services[key]?.networks === undefined;
  const services = Object.entries(stack.services).map(([key, service]): [string, StackService] => {
    if (!isOpen(key)) return [key, service];
    return [key, network === null ? { ...service, joinsNone: true } : joined(service, network)];
  });
  const own: StackModel["networks"] =
    network === null ? {} : { [network.external]: { isExternal: true, name: network.external } };
  return {
    ...stack,
    services: Object.fromEntries(services),
    networks: { ...own, ...stack.networks },
  };
}

function joined(service: StackService, { external }: { readonly external: string }): StackService {
  return { ...service, networks: { [external]: {} } };
}

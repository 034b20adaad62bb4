import type { PortConfig, ServiceSpec, TaskSpec } from "../../swarm-objects.ts";
import { showValue } from "./setting-names.ts";

/**
 * What the engine answers for what was left open, wherever the object itself is there: a spec as sent and the same
 * spec as read back must not differ.
 */
const ENGINE_DEFAULTS: readonly (readonly [parent: string, key: string, value: unknown])[] = [
  ["EndpointSpec", "Mode", "vip"],
  ["Mode/Replicated", "Replicas", 1],
  ["TaskTemplate", "Runtime", "container"],
  ["TaskTemplate/ContainerSpec", "Isolation", "default"],
  ["TaskTemplate/RestartPolicy", "Condition", "any"],
  ["TaskTemplate/RestartPolicy", "MaxAttempts", 0],
  ["UpdateConfig", "FailureAction", "pause"],
  ["UpdateConfig", "Order", "stop-first"],
  ["UpdateConfig", "MaxFailureRatio", 0],
  ["RollbackConfig", "FailureAction", "pause"],
  ["RollbackConfig", "Order", "stop-first"],
  ["RollbackConfig", "MaxFailureRatio", 0],
];

/** Objects that mean something even when empty: adding or dropping one restarts the tasks. */
const MEANINGFUL_WHEN_EMPTY = /\/(?:Healthcheck|DNSConfig|LogDriver|Limits|Reservations)$/u;

/** Counters and remembered names that say nothing about what runs. */
const IGNORED = new Set(["TaskTemplate/ForceUpdate", "Labels/com.docker.stack.image"]);

/**
 * A spec as a flat map, path → value as text, equal for all forms of a spec that the engine treats alike. Paths are
 * Docker's field names joined by `/`; lists that have no order of their own are sorted.
 */
export function flattenSpec(spec: ServiceSpec): ReadonlyMap<string, string> {
  const flat = new Map<string, string>();
  flatten(flat, "", normalise(spec));
  for (const path of IGNORED) flat.delete(path);
  return flat;
}

function normalise(spec: ServiceSpec): Record<string, unknown> {
  const { ContainerSpec, Networks, ...task } = spec.TaskTemplate;
  return {
    ...spec,
    TaskTemplate: {
      ...task,
      ContainerSpec: { ...ContainerSpec, Env: readEnv(ContainerSpec.Env ?? []) },
      Networks: (Networks ?? []).map(describeNetwork).toSorted(),
    },
    EndpointSpec: {
      ...spec.EndpointSpec,
      Ports: (spec.EndpointSpec?.Ports ?? []).map(describePort).toSorted(),
    },
  };
}

function readEnv(env: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    env.map((entry) => {
      const at = entry.indexOf("=");
      return at < 0 ? [entry, "=(no value)"] : [entry.slice(0, at), `=${entry.slice(at + 1)}`];
    }),
  );
}

function describePort(port: PortConfig): string {
  const { PublishedPort: published, TargetPort: target } = port;
  const from = published === undefined || published === 0 ? "any" : String(published);
  return `${from}→${target}/${port.Protocol ?? "tcp"} ${port.PublishMode ?? "ingress"}`;
}

function describeNetwork(network: NonNullable<TaskSpec["Networks"]>[number]): string {
  const { Target, Aliases, ...rest } = network;
  const known = [Target, ...(Aliases ?? [])].join(" ");
  const further = Object.entries(rest).filter(([, value]) => !isEmpty(value));
  return further.length === 0 ? known : `${known} ${JSON.stringify(Object.fromEntries(further))}`;
}

function flatten(flat: Map<string, string>, path: string, value: unknown): void {
  if (value === null || value === undefined) return;
  // The engine drops what is empty or false, but for labels and `Init`.
  if (value === "" && !path.includes("Labels/")) return;
  if (value === false && !path.endsWith("/Init")) return;
  if (Array.isArray(value)) {
    if (value.length > 0) flat.set(path, showValue(path, value));
    return;
  }
  if (typeof value !== "object") {
    flat.set(path, showValue(path, value));
    return;
  }
  const entries = Object.entries({ ...defaultsOf(path), ...value });
  if (entries.length === 0 && MEANINGFUL_WHEN_EMPTY.test(path)) flat.set(path, "{}");
  for (const [key, inner] of entries) flatten(flat, path === "" ? key : `${path}/${key}`, inner);
}

function defaultsOf(path: string): Record<string, unknown> {
  return Object.fromEntries(
    ENGINE_DEFAULTS.filter(([parent]) => parent === path).map(([, key, value]) => [key, value]),
  );
}

function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    (typeof value === "object" && Object.keys(value).length === 0)
  );
}

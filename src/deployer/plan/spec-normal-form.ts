import type { ServiceMode, ServiceSpec, TaskSpec } from "../../swarm-objects.ts";
import { showValue } from "./setting-names.ts";
import {
  canonical,
  describeMounts,
  describeNetwork,
  describePort,
  describeReferences,
  describeUlimits,
  isRecord,
  readEnv,
  sortedTexts,
} from "./spec-lists.ts";

/**
 * What the engine answers for what was left open, wherever the object itself is there: a spec as sent and the same
 * spec as read back must not differ.
 */
const ENGINE_DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  EndpointSpec: { Mode: "vip" },
  "Mode/Replicated": { Replicas: 1 },
  TaskTemplate: { Runtime: "container" },
  "TaskTemplate/ContainerSpec": { Isolation: "default" },
  "TaskTemplate/RestartPolicy": { Condition: "any", MaxAttempts: 0 },
  UpdateConfig: { FailureAction: "pause", Order: "stop-first", MaxFailureRatio: 0, Parallelism: 0 },
  RollbackConfig: {
    FailureAction: "pause",
    Order: "stop-first",
    MaxFailureRatio: 0,
    Parallelism: 0,
  },
};

/** Objects that mean something even when empty: adding or dropping one restarts the tasks. */
const MEANINGFUL_WHEN_EMPTY = /\/(?:Healthcheck|DNSConfig|LogDriver|Limits|Reservations)$/u;

/** Numbers that the engine keeps even when they are 0; it leaves out all others. */
const KEPT_ZERO =
  /\/(?:Replicas|MaxConcurrent|TotalCompletions|Parallelism|MaxFailureRatio|StopGracePeriod)$|\/RestartPolicy\/\w+$/u;

/** Maps of the user's own keys, whose empty values the engine keeps. */
const FREE_MAP = /(?:^|\/)(?:Labels|Sysctls|Options)\/[^]*$/u;

/**
 * Counters and remembered names that say nothing about what runs, and what the API that Skep speaks does not carry, so
 * that it can never be read back.
 */
const IGNORED = [
  "TaskTemplate/ForceUpdate",
  "Labels/com.docker.stack.image",
  "TaskTemplate/ContainerSpec/Healthcheck/StartInterval",
  "TaskTemplate/ContainerSpec/OomScoreAdj",
];

/** The order of mounts, which counts only where the mounts themselves are the same. */
export const MOUNT_ORDER = "TaskTemplate/ContainerSpec/MountOrder";

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
  const { ContainerSpec, Networks, Placement, ...task } = spec.TaskTemplate;
  return {
    ...spec,
    Mode: describeMode(spec.Mode),
    TaskTemplate: {
      ...task,
      ContainerSpec: describeContainer(ContainerSpec),
      Placement: describePlacement(Placement),
      Networks: (Networks ?? []).map(describeNetwork).toSorted(),
    },
    EndpointSpec: {
      ...spec.EndpointSpec,
      Ports: (spec.EndpointSpec?.Ports ?? []).map(describePort).toSorted(),
    },
  };
}

/** Which of the modes a service has, such as `Replicated`; the Swarm cannot change it. */
export function modeOf(mode: ServiceMode): string {
  const names = ["Replicated", "Global", "ReplicatedJob", "GlobalJob"] as const;
  return names.find((name) => mode[name] !== undefined && mode[name] !== null) ?? "Replicated";
}

function describeMode(mode: ServiceMode): Record<string, unknown> {
  const kind = modeOf(mode);
  if (kind !== "ReplicatedJob") return { Kind: kind, ...mode };
  const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } = mode.ReplicatedJob ?? {};
  return { Kind: kind, ReplicatedJob: { MaxConcurrent, TotalCompletions } };
}

function describeContainer(spec: TaskSpec["ContainerSpec"]): Record<string, unknown> {
  const { Env, Mounts, Configs, Secrets, ...rest } = spec;
  const container: Readonly<Record<string, unknown>> = rest;
  return {
    ...container,
    Env: readEnv(Env ?? []),
    Mounts: describeMounts(Mounts ?? []),
    MountOrder: (Mounts ?? []).map(({ Target }) => Target),
    Configs: describeReferences(Configs ?? []),
    Secrets: describeReferences(Secrets ?? []),
    CapabilityAdd: sortedTexts(container.CapabilityAdd),
    CapabilityDrop: sortedTexts(container.CapabilityDrop),
    Ulimits: describeUlimits(container.Ulimits),
  };
}

/** Without the platforms: they are the CLI's guess from the image. Old specs may have no placement at all. */
function describePlacement(placement: TaskSpec["Placement"] | undefined): Record<string, unknown> {
  const { Constraints, Preferences, MaxReplicas } = placement ?? {};
  const spreads = (Preferences ?? []).map(({ Spread }) => Spread?.SpreadDescriptor ?? "");
  return { Constraints: sortedTexts(Constraints), Preferences: spreads, MaxReplicas };
}

function flatten(flat: Map<string, string>, path: string, value: unknown): void {
  if (value === null || value === undefined) return;
  // The engine drops what is empty or false, but for labels and the like, and `Init`.
  if (value === "" && !FREE_MAP.test(path)) return;
  if (value === false && !path.endsWith("/Init")) return;
  if (value === 0 && !KEPT_ZERO.test(path)) return;
  if (!isRecord(value)) {
    if (!Array.isArray(value)) flat.set(path, showValue(path, value));
    else if (value.length > 0) flat.set(path, JSON.stringify(value.map(plainItem)));
    return;
  }
  const before = flat.size;
  const entries = Object.entries({ ...ENGINE_DEFAULTS[path], ...present(path, value) });
  for (const [key, inner] of entries) flatten(flat, path === "" ? key : `${path}/${key}`, inner);
  if (flat.size === before && MEANINGFUL_WHEN_EMPTY.test(path)) flat.set(path, "{}");
}

/** An empty text means the engine's default as well. */
function present(
  path: string,
  value: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (!Object.hasOwn(ENGINE_DEFAULTS, path)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== ""));
}

function plainItem(item: unknown): unknown {
  return typeof item === "object" ? canonical(item) : item;
}

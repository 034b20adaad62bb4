import type { ServiceDefinition } from "../../release.ts";
import type { UpdateConfig } from "../../swarm-objects.ts";

const NANOSECONDS_PER_MS = 1_000_000;

/** Docker's own values for what a health check leaves open, in milliseconds. */
const HEALTHCHECK = { intervalMs: 30_000, timeoutMs: 30_000, retries: 3, startPeriodMs: 0 };

/** Swarm's own monitor, and the shortest one that Skep sets. */
const SHORTEST_MONITOR_MS = 5_000;

/** Why Skep sets what the file leaves open: one sentence for each key. */
const DEFAULT_REASONS = {
  order:
    "start-first: the new task serves before the old one stops; stop-first only where a host port can be held by one task at a time",
  failureAction:
    "rollback: Swarm returns to the previous version by itself when a new task fails, also when Skep is away",
  monitor:
    "monitor: long enough to see the health check fail (start_period + (interval + timeout) × retries), at least 5s",
  parallelism:
    "parallelism: all at once when a health check guards start-first, else one task at a time",
  rollback:
    "rollback all at once, then pause: the way back is as short as it can be and never loops",
} as const;

/** Why Skep sets what this definition leaves open, for the plan. */
export function defaultReasons(definition: ServiceDefinition): readonly string[] {
  const { order, failureAction, monitorMs, parallelism } = definition.deploy.updateConfig;
  return [
    ...(order === null ? [DEFAULT_REASONS.order] : []),
    ...(failureAction === null ? [DEFAULT_REASONS.failureAction] : []),
    ...(monitorMs === null ? [DEFAULT_REASONS.monitor] : []),
    ...(parallelism === null ? [DEFAULT_REASONS.parallelism] : []),
    DEFAULT_REASONS.rollback,
  ];
}

type Healthcheck = NonNullable<ServiceDefinition["healthcheck"]>;

/** Whether Docker runs a health check that the definition itself declares. */
export function hasHealthcheck(definition: ServiceDefinition): boolean {
  const check = definition.healthcheck;
  return check !== null && check.test.length > 0 && check.test[0] !== "NONE";
}

/** How long a failing health check takes to be noticed, in milliseconds; 0 without one. */
export function healthHorizonMs(definition: ServiceDefinition): number {
  if (definition.healthcheck === null || !hasHealthcheck(definition)) return 0;
  const check = definition.healthcheck;
  const value = (key: keyof typeof HEALTHCHECK & keyof Healthcheck): number =>
    check[key] === null || check[key] === 0 ? HEALTHCHECK[key] : check[key];
  return value("startPeriodMs") + (value("intervalMs") + value("timeoutMs")) * value("retries");
}

/** Whether a port can be held by one task of a node at a time, so that start-first would never start. */
export function hasFixedHostPort(ports: ServiceDefinition["ports"]): boolean {
  return ports.some((port) => port.mode === "host" && port.published !== null);
}

/** The update settings of a service: the file's words, Skep's defaults (`DEFAULT_REASONS`) where it is silent. */
export function resolveUpdateConfig(definition: ServiceDefinition): UpdateConfig {
  const given = definition.deploy.updateConfig;
  const order = resolveOrder(definition);
  const allAtOnce = order === "start-first" && hasHealthcheck(definition);
  const delay = toNanoseconds(given.delayMs);
  const monitor = toNanoseconds(
    given.monitorMs ?? Math.max(SHORTEST_MONITOR_MS, healthHorizonMs(definition)),
  );
  return {
    Parallelism: given.parallelism ?? (allAtOnce ? 0 : 1),
    ...(delay > 0 && { Delay: delay }),
    FailureAction: given.failureAction ?? "rollback",
    ...(monitor > 0 && { Monitor: monitor }),
    MaxFailureRatio: given.maxFailureRatio ?? 0,
    Order: order,
  };
}

/** How Swarm returns to the previous version: at once, in the order of the update, and no further. */
export function resolveRollbackConfig(definition: ServiceDefinition): UpdateConfig {
  return {
    Parallelism: 0,
    FailureAction: "pause",
    MaxFailureRatio: 0,
    Order: resolveOrder(definition),
  };
}

function resolveOrder(definition: ServiceDefinition): "start-first" | "stop-first" {
  const fallback = hasFixedHostPort(definition.ports) ? "stop-first" : "start-first";
  return definition.deploy.updateConfig.order ?? fallback;
}

/** A duration in the engine's unit; 0, which the Docker CLI leaves out, when there is none. */
export function toNanoseconds(milliseconds: number | null): number {
  return (milliseconds ?? 0) * NANOSECONDS_PER_MS;
}

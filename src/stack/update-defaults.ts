import { mayComplete } from "../service-kinds.ts";
import type { ServiceSpec, UpdateConfig } from "../swarm-objects.ts";
import { float32 } from "./convert/go-json.ts";
import type { StackUpdateConfig } from "./model.ts";

const NS_PER_SECOND = 1_000_000_000;

/** Docker's own values for what a health check leaves open, in nanoseconds. */
const HEALTHCHECK = { intervalNs: 30 * NS_PER_SECOND, timeoutNs: 30 * NS_PER_SECOND, retries: 3 };

/** Swarm's own monitor, and the shortest one that Skep sets. */
const SHORTEST_MONITOR_NS = 5 * NS_PER_SECOND;

/** Why Skep sets what a file leaves open. */
const REASONS = {
  order:
    "start-first: the new task serves before the old one stops; stop-first where two tasks cannot be there at a time (a fixed host port, a volume or folder that is written to, max_replicas_per_node)",
  failureAction:
    "rollback: Swarm returns to the previous version by itself when a new task fails, also when Skep is away; continue where tasks may end by themselves (restart_policy.condition none, no published port, no health check), for Swarm counts a task that ends during an update as failed, also one that ends with 0",
  monitor:
    "monitor: long enough to see the health check fail (start_period + (interval + timeout) × retries), at least 5s",
  parallelism:
    "parallelism: all at once when a health check guards start-first, else one task at a time",
  rollback:
    "rollback all at once, then pause (continue where tasks may end by themselves): the way back is as short as it can be and never loops",
} as const;

/** Why Skep sets what the files leave open, a sentence for each setting, for the plan. */
export function updateDefaultReasons(): readonly string[] {
  return Object.values(REASONS);
}

/** What the file itself says of updates. */
export interface SaidUpdates {
  readonly update: StackUpdateConfig | undefined;
  readonly rollback: StackUpdateConfig | undefined;
}

/**
 * The service with Skep's update settings where the file leaves them open, key by key, and what was set, as
 * `order stop-first (why)`. `spec` has none yet. Jobs are never updated, so that the engine refuses settings for them.
 */
export function withUpdateDefaults(
  spec: ServiceSpec,
  { update = {}, rollback = {} }: SaidUpdates,
): { readonly spec: ServiceSpec; readonly set: readonly string[] } {
  const { order: why, ...own } = defaultsFor(spec);
  const order = update.order || own.update.Order;
  const parallelism = order === "start-first" && hasHealthcheck(spec) ? 0 : 1;
  const given = settle(update, { ...own.update, Order: order, Parallelism: parallelism });
  const back = settle(rollback, { ...own.rollback, Order: order });
  return {
    spec: { ...spec, UpdateConfig: given, RollbackConfig: back },
    set: [
      ...(update.order ? [] : [`order ${order} (${why})`]),
      ...(update.parallelism === undefined ? [`parallelism ${parallelism}`] : []),
      ...(update.failureAction ? [] : [toldFailureAction(own.update.FailureAction)]),
      ...(update.monitorNs === undefined
        ? [`monitor ${(own.update.Monitor ?? 0) / NS_PER_SECOND}s`]
        : []),
      ...(isOpen(rollback) ? ["rollback_config"] : []),
    ],
  };
}

function toldFailureAction(action: string): string {
  const why = action === "continue" ? " (tasks may end by themselves)" : "";
  return `failure_action ${action}${why}`;
}

function isOpen({ order, parallelism, failureAction }: StackUpdateConfig): boolean {
  return !order || parallelism === undefined || !failureAction;
}

interface Defaults {
  /** Why this order. */
  readonly order: string;
  readonly update: UpdateConfig;
  readonly rollback: UpdateConfig;
}

function defaultsFor(spec: ServiceSpec): Defaults {
  const obstacle = obstacleToStartFirst(spec);
  const ends = mayComplete(spec);
  return {
    order: obstacle ?? "the new task serves before the old one stops",
    update: {
      Parallelism: 1,
      FailureAction: ends ? "continue" : "rollback",
      Monitor: Math.max(SHORTEST_MONITOR_NS, healthHorizonNs(spec)),
      MaxFailureRatio: 0,
      Order: obstacle === null ? "start-first" : "stop-first",
    },
    rollback: {
      Parallelism: 0,
      FailureAction: ends ? "continue" : "pause",
      MaxFailureRatio: 0,
      Order: "",
    },
  };
}

/** The settings with what the file says before what Skep would; as the CLI, a duration of 0 is left to the engine. */
function settle(said: StackUpdateConfig, own: UpdateConfig): UpdateConfig {
  const delay = said.delayNs ?? 0;
  const monitor = said.monitorNs ?? own.Monitor ?? 0;
  return {
    ...(delay !== 0 && { Delay: delay }),
    FailureAction: said.failureAction || own.FailureAction,
    ...(monitor !== 0 && { Monitor: monitor }),
    Parallelism: said.parallelism ?? own.Parallelism,
    MaxFailureRatio: float32(said.maxFailureRatio ?? own.MaxFailureRatio),
    Order: said.order || own.Order,
  };
}

/** Why a new task cannot run beside the old one; null when it can. */
function obstacleToStartFirst(spec: ServiceSpec): string | null {
  const { ContainerSpec: container, Placement: placement } = spec.TaskTemplate;
  if (hasHostPort(spec)) return "the old task holds the host port";
  const writes = (container.Mounts ?? []).find(
    ({ Type = "volume", Source, ReadOnly }) =>
      ["volume", "bind", "cluster"].includes(Type) && Boolean(Source) && ReadOnly !== true,
  );
  if (writes) return `two tasks must not write to ${writes.Target} at a time`;
  if ((placement.MaxReplicas ?? 0) > 0) return "max_replicas_per_node leaves no room for another";
  return null;
}

/** Whether one task of a node at a time can hold a port: a fixed one, or any of a service with a task on every node. */
function hasHostPort({ EndpointSpec, Mode }: ServiceSpec): boolean {
  return (EndpointSpec.Ports ?? []).some(
    ({ PublishMode = "", PublishedPort }) =>
      PublishMode.toLowerCase() === "host" &&
      (PublishedPort !== undefined || Mode.Global !== undefined),
  );
}

/** Whether Docker runs a health check that the file itself declares. */
function hasHealthcheck({ TaskTemplate }: ServiceSpec): boolean {
  const [first] = TaskTemplate.ContainerSpec.Healthcheck?.Test ?? [];
  return first !== undefined && first !== "NONE";
}

/** How long a failing health check takes to be noticed; 0 without one. */
function healthHorizonNs(spec: ServiceSpec): number {
  if (!hasHealthcheck(spec)) return 0;
  const { Interval, Timeout, Retries, StartPeriod } =
    spec.TaskTemplate.ContainerSpec.Healthcheck ?? {};
  const interval = Interval || HEALTHCHECK.intervalNs;
  const timeout = Timeout || HEALTHCHECK.timeoutNs;
  return (StartPeriod ?? 0) + (interval + timeout) * (Retries || HEALTHCHECK.retries);
}

import type { ServiceSpec } from "../../swarm-objects.ts";

/** How long a roll-out may take and what it has to prove. Durations are milliseconds. */
export interface RolloutLimits {
  /** How long a task may wait for a node. */
  readonly pendingMs: number;
  /** How long a task may take from its node until it runs, its first health check included. */
  readonly startingMs: number;
  /** How long the whole may take until it is proved. */
  readonly rolloutMs: number;
  /** How long all tasks must keep running before that is proof. */
  readonly windowMs: number;
  /** How often the task of one slot may fail before that is a crash loop. */
  readonly failuresPerSlot: number;
}

const NANOSECONDS_PER_MS = 1_000_000;
/** Docker's own values for what a health check leaves open, in milliseconds. */
const HEALTHCHECK = { interval: 30_000, timeout: 30_000, retries: 3 };
/** Docker's time between asking a task to stop and killing it. */
const STOP_GRACE_MS = 10_000;
/** For pulling the image and starting the container. */
const STARTING_MS = 120_000;
const FAILURES_PER_SLOT = 3;

/**
 * The limits for one spec: the operator's, and on top of the whole what the spec's own health check, delays, batches
 * and monitor take. `proveMs` is the shortest window; a longer monitor makes it longer. `nodes` is how many nodes there
 * are: as many tasks a global service has at most.
 */
export function rolloutLimits(
  spec: ServiceSpec,
  base: { readonly pendingMs: number; readonly rolloutMs: number; readonly proveMs: number },
  nodes = 1,
): RolloutLimits {
  const healthMs = healthMsOf(spec);
  const monitorMs = toMs(spec.UpdateConfig?.Monitor);
  const windowMs = Math.max(base.proveMs, monitorMs);
  const batches = batchesOf(spec, nodes);
  const graceMs = toMs(spec.TaskTemplate.ContainerSpec.StopGracePeriod) || STOP_GRACE_MS;
  const batchMs = healthMs + graceMs + toMs(spec.UpdateConfig?.Delay);
  return {
    pendingMs: base.pendingMs,
    startingMs: STARTING_MS + healthMs,
    rolloutMs: base.rolloutMs + batches * batchMs + monitorMs + windowMs,
    windowMs,
    failuresPerSlot: FAILURES_PER_SLOT,
  };
}

/** How many tasks the spec wants; one for each node where the service is global. */
export function wantedTasks({ Mode }: ServiceSpec, nodes = 1): number {
  if (Mode.Global || Mode.GlobalJob) return nodes;
  const { ReplicatedJob } = Mode;
  if (ReplicatedJob) return ReplicatedJob.TotalCompletions ?? ReplicatedJob.MaxConcurrent ?? 1;
  return Mode.Replicated?.Replicas ?? 1;
}

/** How long a task may take to turn healthy or unhealthy, by the health check that the spec itself declares. */
function healthMsOf(spec: ServiceSpec): number {
  const check = spec.TaskTemplate.ContainerSpec.Healthcheck;
  if (!check?.Test || check.Test.length === 0 || check.Test[0] === "NONE") return 0;
  const interval = toMs(check.Interval) || HEALTHCHECK.interval;
  const timeout = toMs(check.Timeout) || HEALTHCHECK.timeout;
  return toMs(check.StartPeriod) + (interval + timeout) * (check.Retries || HEALTHCHECK.retries);
}

function batchesOf(spec: ServiceSpec, nodes: number): number {
  if (spec.Mode.GlobalJob) return 1;
  const tasks = Math.max(1, wantedTasks(spec, nodes));
  const { ReplicatedJob } = spec.Mode;
  const atOnce = ReplicatedJob
    ? (ReplicatedJob.MaxConcurrent ?? 1)
    : (spec.UpdateConfig?.Parallelism ?? 1);
  return atOnce === 0 ? 1 : Math.ceil(tasks / atOnce);
}

function toMs(nanoseconds: number | undefined): number {
  return Math.ceil((nanoseconds ?? 0) / NANOSECONDS_PER_MS);
}

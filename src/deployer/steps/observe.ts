import type { Deployment } from "../../deployment.ts";
import { SKEP_LABELS } from "../../swarm-objects.ts";
import { readApplied } from "../applied.ts";
import { startHistory, type RolloutObservation } from "../rollout/history.ts";
import type { StackJudgeRequest } from "../rollout/judge-stack.ts";
import { rolloutLimits, type RolloutLimits } from "../rollout/limits.ts";
import type { JudgeRequest } from "../rollout/verdict.ts";
import type { Clock } from "../../clock.ts";
import type { LiveCluster, LiveStack, Swarm } from "../ports.ts";
import type { Run } from "../run.ts";

/** A stack at one moment of our clock. */
export interface StackObservation {
  readonly now: number;
  readonly stack: LiveStack;
  /** Node ID → its state, as last read; null while nobody asked. */
  readonly nodes: ReadonlyMap<string, string> | null;
}

/** Most roll-outs on a lone node are over by then: it answers us, so that its state tells little. */
const LONE_NODE_AFTER_MS = 2_000;
const NODES_EVERY_MS = 3_000;

/** What of a run an observer needs. */
interface Observing extends Pick<Run, "noteProgress"> {
  readonly deps: {
    readonly swarm: Pick<Swarm, "stack" | "survey">;
    readonly clock: Pick<Clock, "now">;
  };
  readonly deployment: () => Pick<Deployment, "stackName">;
  /** The Swarm when the stack was read; null when an earlier process did. */
  readonly foundSource: () => { readonly live: Pick<LiveCluster, "nodes"> } | null;
}

/**
 * Looks at the services of a run's stack and their tasks, again and again, and now and then at the nodes: of several,
 * from the first look on, because what runs on one that is away proves nothing.
 */
export function createObserver(run: Observing): () => Promise<StackObservation> {
  const { swarm, clock } = run.deps;
  const isAlone = run.foundSource()?.live.nodes.length === 1;
  let nodes: ReadonlyMap<string, string> | null = null;
  let nodesAt = clock.now() + (isAlone ? LONE_NODE_AFTER_MS : 0);
  return async () => {
    const isDue = clock.now() >= nodesAt;
    const [stack, cluster] = await Promise.all([
      swarm.stack(run.deployment().stackName),
      isDue ? swarm.survey() : null,
    ]);
    if (cluster !== null) {
      nodes = new Map(cluster.nodes.map(({ id, state }) => [id, state]));
      nodesAt = clock.now() + NODES_EVERY_MS;
    }
    run.noteProgress();
    return { now: clock.now(), stack, nodes };
  };
}

/** One service of it. */
export function observationOf(
  { now, stack, nodes }: StackObservation,
  name: string,
): RolloutObservation {
  const service = stack.services.find(({ spec }) => spec.Name === name) ?? null;
  const seen = { now, service, tasks: stack.tasks[name] ?? [] };
  return nodes === null ? seen : { ...seen, nodes };
}

/** Full names of the services of a run's release. */
export function servicesOf(run: Run): readonly string[] {
  return run.release().stack.services.map(({ spec }) => spec.Name);
}

/** What a verdict about these services rests on. */
export function judgeRequest(
  run: Run,
  observation: StackObservation,
  names: readonly string[],
): StackJudgeRequest {
  return {
    services: Object.fromEntries(names.map((name) => [name, requestFor(run, observation, name)])),
  };
}

function requestFor(run: Run, observation: StackObservation, name: string): JudgeRequest {
  const { id } = run.deployment();
  const seen = observationOf(observation, name);
  const isUnchanged = !Object.hasOwn(readApplied(run)?.services ?? {}, name);
  const begun = run.journalEntry("apply");
  return {
    // When nothing had to be sent, the service still names the deployment that last changed it.
    deploymentId: isUnchanged ? (seen.service?.spec.Labels[SKEP_LABELS.deployment] ?? null) : id,
    isUnchanged,
    observation: seen,
    history: run.history()?.[name] ?? startHistory(begun?.at ?? observation.now),
    limits: limitsOf(run, seen),
  };
}

const NO_SERVICE_LIMITS = { startingMs: 0, windowMs: 0, failuresPerSlot: 1 };

/** How long things may take for a service as it is. */
export function limitsOf(run: Run, { service, tasks }: RolloutObservation): RolloutLimits {
  const { pendingMs, rolloutMs, proveMs } = run.deps.limits;
  const base = { pendingMs, rolloutMs, proveMs };
  if (service === null) return { ...base, ...NO_SERVICE_LIMITS };
  return rolloutLimits(service.spec, base, new Set(tasks.map(({ nodeId }) => nodeId)).size);
}

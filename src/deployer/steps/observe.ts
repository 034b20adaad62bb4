import { SKEP_LABELS } from "../../swarm-objects.ts";
import { readApplied } from "../applied.ts";
import { startHistory } from "../rollout/history.ts";
import type { StackJudgeRequest } from "../rollout/judge-stack.ts";
import { rolloutLimits, type RolloutLimits } from "../rollout/limits.ts";
import type { JudgeRequest } from "../rollout/verdict.ts";
import type { LiveStack } from "../ports.ts";
import type { Run } from "../run.ts";

/** A stack at one moment of our clock. */
export interface StackObservation {
  readonly now: number;
  readonly stack: LiveStack;
}

/** Looks at the services of a run's stack and their tasks. */
export async function observe(run: Run): Promise<StackObservation> {
  const { swarm, clock } = run.deps;
  const stack = await swarm.stack(run.deployment().stackName);
  run.noteProgress();
  return { now: clock.now(), stack };
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

function requestFor(run: Run, { now, stack }: StackObservation, name: string): JudgeRequest {
  const { id } = run.deployment();
  const service = stack.services.find(({ spec }) => spec.Name === name) ?? null;
  const isUnchanged = !Object.hasOwn(readApplied(run)?.services ?? {}, name);
  const begun = run.journalEntry("apply");
  return {
    // When nothing had to be sent, the service still names the deployment that last changed it.
    deploymentId: isUnchanged ? (service?.spec.Labels[SKEP_LABELS.deployment] ?? null) : id,
    isUnchanged,
    observation: { now, service, tasks: stack.tasks[name] ?? [] },
    history: run.history()?.[name] ?? startHistory(begun?.at ?? now),
    limits: limitsOf(run, service),
  };
}

const NO_SERVICE_LIMITS = { startingMs: 0, windowMs: 0, failuresPerSlot: 1 };

/** How long things may take for a service as it is. */
export function limitsOf(run: Run, service: LiveStack["services"][number] | null): RolloutLimits {
  const { pendingMs, rolloutMs, proveMs } = run.deps.limits;
  const base = { pendingMs, rolloutMs, proveMs };
  return service ? rolloutLimits(service.spec, base) : { ...base, ...NO_SERVICE_LIMITS };
}

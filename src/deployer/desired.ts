import { planStack } from "./plan/plan-stack.ts";
import type { StackPlan } from "./plan/stack-plan.ts";
import type { LiveCluster } from "./ports.ts";
import type { Run } from "./run.ts";

/** What would make the Swarm match a run's release now, and the Swarm that this was found on. */
export interface PlanNow {
  readonly plan: StackPlan;
  readonly live: LiveCluster;
}

/** For so long, in milliseconds, a plan is as good as a new one: longer than it takes to write that it was made. */
const FRESH_MS = 1_000;

/**
 * The plan that the run made last, when that was just now and nobody has taken it yet, else a new one. An attempt after
 * trouble, or after a crash, so looks at the Swarm as it has become.
 */
export async function planOnce(run: Run): Promise<StackPlan> {
  const made = run.takePlan();
  const isFresh = made !== null && run.deps.clock.now() - made.at < FRESH_MS;
  if (isFresh) return made.plan;
  const { plan } = await planNow(run);
  run.takePlan();
  return plan;
}

/** Plans a run's release against the Swarm as it is: a pure function of the two, so that it is the same after a crash. */
export async function planNow(run: Run): Promise<PlanNow> {
  const at = run.deps.clock.now();
  const live = await run.deps.swarm.survey();
  const { id, stackName, lane } = run.deployment();
  const release = run.release();
  const plan = planStack({
    stackName,
    owner: lane,
    deploymentId: id,
    releaseId: release.id,
    release: release.stack,
    live,
    serverKey: run.deps.serverKey,
  });
  run.setPlan({ plan, at });
  return { plan, live };
}

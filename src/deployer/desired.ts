import { planStack } from "./plan/plan-stack.ts";
import type { StackPlan } from "./plan/stack-plan.ts";
import type { LiveCluster } from "./ports.ts";
import type { Run } from "./run.ts";

/** What would make the Swarm match a run's release now, and the Swarm that this was found on. */
export interface PlanNow {
  readonly plan: StackPlan;
  readonly live: LiveCluster;
}

/** Plans a run's release against the Swarm as it is: a pure function of the two, so that it is the same after a crash. */
export async function planNow(run: Run): Promise<PlanNow> {
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
  return { plan, live };
}

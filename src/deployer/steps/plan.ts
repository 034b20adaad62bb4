import { SKEP_LABELS } from "../../swarm-objects.ts";
import type { Failure } from "../../deployment.ts";
import { defaultReasons } from "../compose/defaults.ts";
import { desiredSpec, serviceNameOf } from "../desired.ts";
import type { StepResult } from "../machine.ts";
import { planService } from "../plan/plan.ts";
import type { LiveService } from "../ports.ts";
import type { Run } from "../run.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";

/** Compares what shall run with what runs, and checks what can be known before anything is touched. */
export async function makePlan(run: Run): Promise<StepResult> {
  const { swarm } = run.deps;
  const live = await swarm.service(serviceNameOf(run));
  const desired = desiredSpec(run, live);
  const failure = refuseForeign(run, live) ?? (await missingNetwork(run, desired));
  if (failure) return { kind: "failed", failure };
  const plan = planService({ desired, live });
  await run.patch({ plan }, "planned");
  for (const operation of plan) {
    run.say(`${operation.kind} ${operation.target}: ${operation.reason}`);
    for (const change of operation.changes) run.say(`  ${change}`);
  }
  if (live === null) {
    for (const reason of defaultReasons(run.release().stack)) run.say(`by default, ${reason}`);
  }
  return { kind: "done", note: plan.map(({ kind, target }) => `${kind} ${target}`).join(", ") };
}

function refuseForeign(run: Run, live: LiveService | null): Failure | null {
  if (!live) return null;
  const owner = live.spec.Labels[SKEP_LABELS.owner];
  const { lane, stackName } = run.deployment();
  if (owner === lane) return null;
  return {
    code: "stack_not_owned",
    phase: "pre_deploy",
    summary: `service ${live.spec.Name} runs already and was not made by this environment`,
    evidence: owner === undefined ? [] : [`its owner is ${owner}`],
    nextStep: `Give this environment another stack_name than ${stackName}, or remove the service first.`,
    annotations: [],
  };
}

async function missingNetwork(run: Run, desired: ServiceSpec): Promise<Failure | null> {
  for (const { Target } of desired.TaskTemplate.Networks ?? []) {
    if (await run.deps.swarm.hasNetwork(Target)) continue;
    return {
      code: "network_not_found",
      phase: "pre_deploy",
      summary: `there is no overlay network named ${Target} on the Swarm`,
      evidence: [],
      nextStep: `Create it on a manager (docker network create -d overlay --attachable ${Target}), or name another one.`,
      annotations: [],
    };
  }
  return null;
}

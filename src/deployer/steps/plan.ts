import type { Failure } from "../../deployment.ts";
import { updateDefaultReasons } from "../../stack/update-defaults.ts";
import { planNow, type PlanNow } from "../desired.ts";
import type { StepResult } from "../machine.ts";
import type { StackPlan } from "../plan/stack-plan.ts";
import { preflight, type PreflightFinding } from "../preflight/preflight.ts";
import type { Run } from "../run.ts";

/** Compares what shall run with what runs, and checks what can be known before anything is touched. */
export async function makePlan(run: Run): Promise<StepResult> {
  const planned = await planNow(run);
  const findings = check(run, planned);
  for (const { level, summary, nextStep } of findings) {
    if (level === "warning") run.say(`${summary}. ${nextStep}`);
  }
  const failures = findings.filter(({ level }) => level === "failure");
  const [first] = failures;
  if (first !== undefined) return { kind: "failed", failure: failureOf(first, failures) };
  const { plan } = planned;
  await run.patch({ plan: plan.operations }, "planned");
  tell(run, plan);
  return { kind: "done", note: noteOf(plan) };
}

function check(run: Run, { plan, live }: PlanNow): readonly PreflightFinding[] {
  const { stackName, lane } = run.deployment();
  const release = run.release().stack;
  const isBound = run.deps.isBound(run.deployment());
  return preflight({ plan, release, live, stackName, owner: lane, isBound });
}

function failureOf(
  { code, summary, nextStep }: PreflightFinding,
  all: readonly PreflightFinding[],
): Failure {
  const more = all.slice(1).map((other) => `${other.summary}. ${other.nextStep}`);
  return { code, phase: "pre_deploy", summary, evidence: more, nextStep, annotations: [] };
}

function tell(run: Run, plan: StackPlan): void {
  for (const operation of plan.operations) {
    run.say(`${operation.kind} ${operation.target}: ${operation.reason}`);
    for (const change of operation.changes) run.say(`  ${change}`);
    for (const { text } of operation.risks) run.say(`  take care: ${text}`);
  }
  if (plan.services.every(({ kind }) => kind === "create")) {
    for (const reason of updateDefaultReasons()) run.say(`by default, ${reason}`);
  }
}

const MOST_NAMED = 5;

function noteOf({ operations }: StackPlan): string {
  const changes = operations.filter(({ kind }) => kind !== "keep");
  const kept = operations.length - changes.length;
  const named = changes.slice(0, MOST_NAMED).map(({ kind, target }) => `${kind} ${target}`);
  const more = changes.length - named.length;
  if (changes.length === 0) {
    return operations.length === 1
      ? `keep ${operations[0]?.target}`
      : `nothing to change, ${kept} kept`;
  }
  return [
    ...named,
    ...(more > 0 ? [`${more} more`] : []),
    ...(kept > 0 ? [`keep ${kept}`] : []),
  ].join(", ");
}

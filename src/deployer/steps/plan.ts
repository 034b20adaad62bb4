import type { Failure } from "../../deployment.ts";
import { bindingOf } from "../../guard/rules-for.ts";
import { annotateRemark } from "../../policy/config/check-service.ts";
import { updateDefaultReasons } from "../../stack/update-defaults.ts";
import { planNow, type PlanNow } from "../desired.ts";
import type { StepResult } from "../machine.ts";
import type { StackPlan } from "../plan/stack-plan.ts";
import type { PreflightFinding } from "../preflight/finding.ts";
import { preflight } from "../preflight/preflight.ts";
import type { Run } from "../run.ts";

/** Compares what shall run with what runs, and checks what can be known before anything is touched. */
export async function makePlan(run: Run): Promise<StepResult> {
  const planned = await planNow(run);
  const findings = check(run, planned);
  for (const { level, summary, nextStep } of findings) {
    if (level === "warning") run.say(`take care: ${summary}. ${nextStep}`);
  }
  const failures = findings.filter(({ level }) => level === "failure");
  const [first] = failures;
  if (first !== undefined) return { kind: "failed", failure: failureOf(run, first, failures) };
  const { plan } = planned;
  await run.patch({ plan: plan.operations }, "planned");
  tell(run, plan);
  return { kind: "done", note: noteOf(plan) };
}

function check(run: Run, { plan, live }: PlanNow): readonly PreflightFinding[] {
  const { stackName, lane, repository, app, environment } = run.deployment();
  const release = run.release().stack;
  const asker = { repository: `${repository.owner}/${repository.name}`, app, environment };
  const binding = bindingOf(run.deps.serverConfig, stackName, asker);
  if (binding === "bound_to_another") return [givenToAnother(stackName)];
  const images = Object.fromEntries(
    release.services.map(({ image }) => [image.reference, image.platforms]),
  );
  const isBound = binding === "bound";
  return preflight({ plan, release, live, stackName, owner: lane, isBound, images });
}

function givenToAnother(stackName: string): PreflightFinding {
  return {
    level: "failure",
    code: "stack_not_owned",
    key: "",
    summary: `the operator gave stack ${stackName} to another environment in skep.server.yml`,
    nextStep: "Give this environment another stack_name, or ask the operator.",
  };
}

/** All findings; on their lines, where these are known: not of an older release, and not after a restart of Skep. */
function failureOf(run: Run, first: PreflightFinding, all: readonly PreflightFinding[]): Failure {
  const { services } = run.release().stack;
  const locate = run.foundSource()?.locate;
  const told = ({ key, summary }: PreflightFinding): string => {
    const about = services.find((one) => `${key}.`.startsWith(`services.${one.key}.`));
    return about !== undefined && services.length > 1 ? `${about.key}: ${summary}` : summary;
  };
  const sentence = (finding: PreflightFinding): string => `${told(finding)}. ${finding.nextStep}`;
  const placed = all.flatMap((finding) => {
    const { key, code, summary, nextStep } = finding;
    // What is about the whole stack is on no line.
    if (locate === undefined || key === "") return [];
    return [
      annotateRemark({ code, message: `${summary}. ${nextStep}`, ...locate(key) }, "failure"),
    ];
  });
  const isShown = (finding: PreflightFinding): boolean =>
    finding === first || (locate !== undefined && finding.key !== "");
  return {
    code: first.code,
    phase: "pre_deploy",
    summary: told(first),
    evidence: all.filter((finding) => !isShown(finding)).map(sentence),
    nextStep: first.nextStep,
    annotations: placed,
  };
}

function tell(run: Run, plan: StackPlan): void {
  for (const operation of plan.operations) {
    run.say(`${operation.kind} ${operation.target}: ${operation.reason}`);
    for (const change of operation.changes) run.say(`  ${change}`);
    for (const { text } of operation.risks) run.say(`  take care: ${text}`);
  }
  if (plan.services.every(({ live }) => live === null)) {
    for (const reason of updateDefaultReasons()) run.say(`by default, ${reason}`);
  }
}

const MOST_NAMED = 5;

function noteOf({ operations }: StackPlan): string {
  const changes = operations.filter(({ kind }) => kind !== "keep");
  const kept = operations.length - changes.length;
  if (changes.length === 0 && kept !== 1) return `nothing to change, ${kept} kept`;
  if (changes.length === 0) return `keep ${operations[0]?.target}`;
  const named = changes.slice(0, MOST_NAMED).map(({ kind, target }) => `${kind} ${target}`);
  const more = changes.length - named.length;
  return [
    ...named,
    ...(more > 0 ? [`${more} more`] : []),
    ...(kept > 0 ? [`keep ${kept}`] : []),
  ].join(", ");
}

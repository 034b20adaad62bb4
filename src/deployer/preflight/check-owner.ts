import { releaseMarkName, SKEP_LABELS } from "../../swarm-objects.ts";
import type { LiveService } from "../ports.ts";
import { fail, type PreflightView, stackOf, whose } from "./view.ts";

/** Whether the stack is the lane's, or nobody's yet. One finding for each other owner, not for each service. */
export function checkOwner(view: PreflightView): void {
  const { stackName, owner, isBound, live, plan } = view;
  const isMarked = isMarkedFor(view);
  const names = new Set(plan.services.map(({ spec }) => spec.Name));
  const seen = new Set<string>();
  for (const service of live.services) {
    const { spec } = service;
    const stack = stackOf(spec);
    const isPart = stack === stackName;
    if (!isPart && !names.has(spec.Name)) continue;
    const other = isPart ? otherOwner(service, { owner, isMarked }) : `${whose(stack)}`;
    // Only what says to be of this stack is the operator's to give.
    if (other === null || seen.has(other) || (isBound && isPart)) continue;
    seen.add(other);
    const verb = isPart ? "runs already and belongs to" : "exists already and is part of";
    fail(view, {
      code: "stack_not_owned",
      key: "",
      summary: isPart
        ? `the stack ${stackName} ${verb} ${other} (service ${spec.Name})`
        : `the service ${spec.Name} ${verb} ${other}`,
      nextStep: isPart
        ? `Choose another \`stack_name\`, or ask the operator to bind \`${stackName}\` to this environment under \`stacks\` in skep.server.yml.`
        : "Choose another `stack_name`, or remove that service.",
    });
  }
}

/** Whether the lane deployed the stack last: services that it adopted and never had to change have no label of its. */
function isMarkedFor({ stackName, owner, live }: PreflightView): boolean {
  const mark = live.configs.find(({ name }) => name === releaseMarkName(stackName));
  return mark?.labels[SKEP_LABELS.owner] === owner;
}

function otherOwner(
  { spec }: LiveService,
  { owner, isMarked }: { readonly owner: string; readonly isMarked: boolean },
): string | null {
  const label = spec.Labels[SKEP_LABELS.owner];
  if (label === owner || (label === undefined && isMarked)) return null;
  return label === undefined ? "nobody that Skep knows" : `another environment (${label})`;
}

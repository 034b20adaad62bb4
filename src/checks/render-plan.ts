import type { Deployment, PlanOperation } from "../deployment.ts";
import { codeSpan, escapeMarkdown, joinBlocks } from "./markdown.ts";

const MAX_CHANGES = 30;

const EFFECTS: Readonly<Record<PlanOperation["effect"], string>> = {
  none: "",
  start: "starts tasks",
  rolling_update: "replaces tasks one after the other",
  restart: "restarts tasks",
  stop: "stops tasks",
};

function renderOperation(operation: PlanOperation): string {
  const effect = EFFECTS[operation.effect];
  const head = [
    `- **${operation.kind}** ${codeSpan(operation.target)}`,
    operation.reason === "" ? "" : `: ${escapeMarkdown(operation.reason, 300)}`,
    effect === "" ? "" : ` (${effect})`,
  ].join("");
  const changes = operation.changes
    .slice(0, MAX_CHANGES)
    .map((change) => `  - ${codeSpan(change, 400)}`);
  const more = operation.changes.length - changes.length;
  return [head, ...changes, ...(more > 0 ? [`  - and ${more} more`] : [])].join("\n");
}

/** What changes on the Swarm and why, as a Markdown list of at most `maxBytes`; empty while there is no plan. */
export function renderPlan(deployment: Deployment, maxBytes: number): string {
  if (deployment.plan.length === 0) return "";
  // Operations that do something come first: what is kept is what may be cut.
  const acting = deployment.plan.filter((operation) => operation.kind !== "keep");
  const keeping = deployment.plan.filter((operation) => operation.kind === "keep");
  const list = [...acting, ...keeping].map(renderOperation);
  return joinBlocks(
    ["### Plan", ...groupTight(list)],
    maxBytes,
    "The rest of the plan is in the log.",
  );
}

/** Joins list items so that they stay one tight list, in groups small enough to be cut one by one. */
function groupTight(items: readonly string[]): readonly string[] {
  const groups: string[] = [];
  for (let i = 0; i < items.length; i += 20) groups.push(items.slice(i, i + 20).join("\n"));
  return groups;
}

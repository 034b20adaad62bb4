import type { Deployment, PlanOperation } from "../deployment.ts";
import { codeSpan, escapeMarkdown, joinBlocks } from "./markdown.ts";
import { outlinePlan, type OutlinedRisk, type PlanOutline } from "./plan-outline.ts";

const EFFECTS: Readonly<Record<PlanOperation["effect"], string>> = {
  none: "",
  start: "starts tasks",
  rolling_update: "replaces tasks one after the other",
  restart: "restarts tasks",
  recreate: "removed and created anew: away for a moment",
  stop: "stops tasks",
};

/** How many changed fields of one operation are shown: fewer when all of them would be too much to read. */
const DETAIL = [30, 10, 3, 1, 0] as const;
const READABLE_LINES = 200;
const MAX_RISKS = 30;

/**
 * What changes on the Swarm and why, as Markdown of at most `maxBytes`: risks first, then each change, then how much
 * stays as it is. Empty while there is no plan.
 */
export function renderPlan(deployment: Deployment, maxBytes: number): string {
  if (deployment.plan.length === 0) return "";
  const outline = outlinePlan(deployment.plan);
  const drafts = DETAIL.map((detail) => renderBlocks(outline, detail));
  const isReadable = (blocks: readonly string[]): boolean => {
    const text = blocks.join("\n\n");
    return text.split("\n").length <= READABLE_LINES && Buffer.byteLength(text) <= maxBytes;
  };
  const blocks = drafts.find(isReadable) ?? drafts.at(-1) ?? [];
  return joinBlocks(blocks, maxBytes, "The rest of the plan is in the log.");
}

function renderBlocks(outline: PlanOutline, detail: number): readonly string[] {
  const { changing, risks, totals, unchanged } = outline;
  const operations = changing.map((operation) => renderOperation(operation, detail));
  const sum = [totals === "" ? "Nothing to change" : totals, unchanged].filter(Boolean).join("; ");
  const parting = risks.length > 0 && changing.length > 0 ? ["**What changes:**"] : [];
  return ["### Plan", `${sum}.`, ...renderRisks(risks), ...parting, ...groupTight(operations)];
}

function renderRisks(risks: readonly OutlinedRisk[]): readonly string[] {
  if (risks.length === 0) return [];
  const shown = risks
    .slice(0, MAX_RISKS)
    .map(({ target, text }) => `- ⚠ ${codeSpan(target)}: ${escapeMarkdown(text, 300)}`);
  const more = risks.length - shown.length;
  return ["**Look at this:**", [...shown, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n")];
}

function renderOperation(operation: PlanOperation, detail: number): string {
  const effect = EFFECTS[operation.effect];
  const head = [
    `- ${operation.risks.length > 0 ? "⚠ " : ""}**${operation.kind}** ${codeSpan(operation.target)}`,
    operation.reason === "" ? "" : `: ${escapeMarkdown(operation.reason, 300)}`,
    effect === "" ? "" : ` (${effect})`,
  ].join("");
  const changes = operation.changes
    .slice(0, detail)
    .map((change) => `  - ${codeSpan(change, 400)}`);
  const more = operation.changes.length - changes.length;
  // Where no field has room, the reason still tells which settings differ.
  const isCut = more > 0 && changes.length > 0;
  return [head, ...changes, ...(isCut ? [`  - and ${more} more`] : [])].join("\n");
}

/** Joins list items so that they stay one tight list, in groups small enough to be cut one by one. */
function groupTight(items: readonly string[]): readonly string[] {
  const groups: string[] = [];
  for (let i = 0; i < items.length; i += 20) groups.push(items.slice(i, i + 20).join("\n"));
  return groups;
}

import { html } from "hono/html";
import { outlinePlan, type OutlinedRisk } from "../../checks/plan-outline.ts";
import type { PlanOperation } from "../../deployment.ts";
import type { Html } from "./page.ts";

const EFFECTS: Readonly<Record<PlanOperation["effect"], string>> = {
  none: "tasks stay",
  start: "starts tasks",
  rolling_update: "rolling update",
  restart: "restarts tasks",
  recreate: "removed and created anew",
  stop: "stops tasks",
};

const SIGNS: Readonly<Record<PlanOperation["kind"], string>> = {
  create: "+",
  update: "~",
  keep: "=",
  remove: "−",
};

/** Of one operation; whoever needs more looks at the log. */
const MAX_CHANGES = 60;

/** What the deployment does to the Swarm, and why, its risks first; nothing when there is no plan yet. */
export function renderPlanCard(plan: readonly PlanOperation[]): Html | "" {
  if (plan.length === 0) return "";
  const { totals, risks, changing, unchanged } = outlinePlan(plan);
  return html`<details class="card plan">
    <summary>
      <h2>Plan</h2>
      <span class="quiet-text">${totals === "" ? unchanged : totals}</span>
      ${renderRiskCount(risks.length)}
    </summary>
    ${renderRisks(risks)}
    <ul>
      ${changing.map(renderOperation)}
    </ul>
    ${unchanged === "" ? "" : html`<p class="unchanged quiet-text">${unchanged}</p>`}
  </details>`;
}

/** Seen while the card is closed. */
function renderRiskCount(count: number): Html | "" {
  if (count === 0) return "";
  return html`<span class="risk-count"
    ><span aria-hidden="true">⚠</span> ${count === 1 ? "1 risk" : `${count} risks`}</span
  >`;
}

function renderRisks(risks: readonly OutlinedRisk[]): Html | "" {
  if (risks.length === 0) return "";
  return html`<ul class="risks" aria-label="Risks">
    ${risks.map(
      ({ target, text }) =>
        html`<li>
          <span aria-hidden="true">⚠</span>
          <p><span class="mono">${target}</span> ${text}</p>
        </li>`,
    )}
  </ul>`;
}

function renderOperation(operation: PlanOperation): Html {
  const shown = operation.changes.slice(0, MAX_CHANGES);
  const more = operation.changes.length - shown.length;
  const changes =
    shown.length === 0
      ? ""
      : html`<ul class="changes mono">
          ${shown.map((change) => html`<li>${change}</li>`)}
          ${more > 0 ? html`<li>and ${more} more</li>` : ""}
        </ul>`;
  return html`<li class="operation ${operation.kind}">
    <span class="sign mono" aria-hidden="true">${SIGNS[operation.kind]}</span>
    <div>
      <p>
        <span class="sr-only">${operation.kind}</span> <span class="mono">${operation.target}</span>
        <span class="effect">${effectOf(operation)}</span>
      </p>
      <p class="quiet-text">${operation.reason}</p>
      ${changes}
    </div>
  </li>`;
}

/** A new network, config or secret has no tasks that could stay. */
function effectOf({ kind, effect }: PlanOperation): string {
  return kind !== "update" && effect === "none" ? "" : EFFECTS[effect];
}

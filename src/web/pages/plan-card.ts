import { html } from "hono/html";
import type { PlanOperation } from "../../deployment.ts";
import type { Html } from "./page.ts";

const EFFECTS: Readonly<Record<PlanOperation["effect"], string>> = {
  none: "tasks stay",
  start: "starts tasks",
  rolling_update: "rolling update",
  restart: "restarts tasks",
  stop: "stops tasks",
};

const SIGNS: Readonly<Record<PlanOperation["kind"], string>> = {
  create: "+",
  update: "~",
  keep: "=",
  remove: "−",
};

/** What the deployment does to the Swarm, and why; nothing when there is no plan yet. */
export function renderPlanCard(plan: readonly PlanOperation[]): Html | "" {
  if (plan.length === 0) return "";
  return html`<details class="card plan">
    <summary>
      <h2>Plan</h2>
      <span class="quiet-text">${planTotals(plan)}</span>
    </summary>
    <ul>
      ${plan.map(renderOperation)}
    </ul>
  </details>`;
}

function renderOperation(operation: PlanOperation): Html {
  const changes =
    operation.changes.length === 0
      ? ""
      : html`<ul class="changes mono">
          ${operation.changes.map((change) => html`<li>${change}</li>`)}
        </ul>`;
  return html`<li class="operation ${operation.kind}">
    <span class="sign mono" aria-hidden="true">${SIGNS[operation.kind]}</span>
    <div>
      <p>
        <span class="sr-only">${operation.kind}</span> <span class="mono">${operation.target}</span>
        <span class="effect">${EFFECTS[operation.effect]}</span>
      </p>
      <p class="quiet-text">${operation.reason}</p>
      ${changes}
    </div>
  </li>`;
}

function planTotals(plan: readonly PlanOperation[]): string {
  const kinds = ["create", "update", "keep", "remove"] as const;
  return kinds
    .map((kind) => ({ kind, count: plan.filter((operation) => operation.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} to ${kind}`)
    .join(", ");
}

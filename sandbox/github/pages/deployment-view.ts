import { html } from "hono/html";
import type { LocalDeployment } from "../operations.ts";
import type { DeploymentStatus, Repository } from "../state.ts";
import { repositoryPath } from "./check-view.ts";
import { icon, stateIcon, stateTone } from "./icons.ts";
import { type Html, renderTime } from "./layout.ts";

/** The environments with their deployments, so many of each, newest first. */
export function renderEnvironments(
  repository: Repository,
  deployments: readonly LocalDeployment[],
  { shown }: { readonly shown: number } = { shown: 10 },
): Html {
  const byEnvironment = Map.groupBy(deployments.toReversed(), (one) => one.environment);
  if (byEnvironment.size === 0) {
    return html`<p class="card empty muted">Nothing has been deployed yet.</p>`;
  }
  return html`${[...byEnvironment].map(
    ([environment, all]) =>
      html`<section class="card environment">
        <h3>${icon("rocket")} ${environment}</h3>
        <ol>
          ${all.slice(0, shown).map((one) => renderDeployment(repository, one))}
        </ol>
        ${all.length > shown ? html`<p class="muted">and ${all.length - shown} older</p>` : ""}
      </section>`,
  )}`;
}

function renderDeployment(repository: Repository, deployment: LocalDeployment): Html {
  const newest = deployment.statuses.at(-1);
  const state = newest?.state ?? "pending";
  const withLog = deployment.statuses.findLast((one) => one.logUrl !== "");
  const withAddress = deployment.statuses.findLast((one) => one.environmentUrl !== "");
  const commit = `${repositoryPath(repository)}/commit/${deployment.sha}`;
  return html`<li class="deployment tone-${stateTone(state)}">
    <div class="deployment-head">
      ${stateIcon(state)}
      <span class="pill tone-${stateTone(state)}">${state.replaceAll("_", " ")}</span>
      <a class="sha" href="${commit}">${deployment.sha.slice(0, 7)}</a>
      ${deployment.ref === deployment.sha ? "" : html`<span class="pill ref">${deployment.ref}</span>`}
      <span class="muted">by ${deployment.creator} ${renderTime(deployment.updatedAt)}</span>
      <span class="grow"></span>
      <span class="deployment-links">
        ${withAddress && state === "success" ? renderLink(withAddress.environmentUrl, "View") : ""}
        ${withLog ? renderLink(withLog.logUrl, "Log") : ""}
      </span>
    </div>
    ${newest?.description ? html`<p class="muted">${newest.description}</p>` : ""}
    <details id="deployment-${deployment.id}">
      <summary class="muted">
        ${deployment.statuses.length} ${deployment.statuses.length === 1 ? "status" : "statuses"}
      </summary>
      <ol class="statuses">
        ${deployment.statuses.map(renderStatus)}
      </ol>
    </details>
  </li>`;
}

function renderStatus(status: DeploymentStatus): Html {
  return html`<li>
    ${stateIcon(status.state)} ${status.state.replaceAll("_", " ")}
    <span class="muted">${renderTime(status.createdAt)} ${status.description}</span>
  </li>`;
}

/** Addresses come from the App: only web addresses become links. */
function renderLink(href: string, text: string): Html {
  if (!/^https?:\/\//i.test(href)) return html`<span class="muted">${href}</span>`;
  return html`<a class="button small" href="${href}" rel="noopener">${text}</a>`;
}

import { html } from "hono/html";
import type { Deployment } from "../../deployment.ts";
import { refName } from "../../ref-name.ts";
import type { SummaryContext } from "./deployment-summary.ts";
import { githubLinks } from "./github-links.ts";
import type { Html, PageContent } from "./page.ts";
import { STATE_LOOKS } from "./state-look.ts";
import { renderMoment, renderSpan } from "./time.ts";

/** The newest deployments of all repositories. */
export function deploymentsPage(
  deployments: readonly Deployment[],
  context: SummaryContext,
): PageContent {
  const body = html`<div class="head"><h1>Deployments</h1></div>
    ${
      deployments.length === 0
        ? html`<p class="card quiet-text">
            Nothing has been deployed yet. Push to the default branch of a repository that the
            GitHub App is installed on.
          </p>`
        : renderTable(deployments, context)
    }`;
  return { title: "Deployments · Skep", body, script: "list-view.js", isSignedIn: true };
}

function renderTable(deployments: readonly Deployment[], context: SummaryContext): Html {
  return html`<table class="deployments">
    <caption class="sr-only">
      The newest deployments, newest first
    </caption>
    <thead>
      <tr>
        <th scope="col">State</th>
        <th scope="col">Deployment</th>
        <th scope="col" class="wide">Commit</th>
        <th scope="col" class="wide">Asked</th>
        <th scope="col" class="right">Duration</th>
      </tr>
    </thead>
    <tbody>
      ${deployments.map((deployment) => renderRow(deployment, context))}
    </tbody>
  </table>`;
}

function titleOf({ kind, version, title }: Deployment): string {
  return kind === "rollback" ? `Rollback to ${version}: ${title}` : title;
}

function renderRow(deployment: Deployment, { githubUrl, now }: SummaryContext): Html {
  const look = STATE_LOOKS[deployment.state];
  const { owner, name } = deployment.repository;
  const { startedAt, finishedAt, createdAt } = deployment;
  return html`<tr>
    <td><span class="badge ${look.tone}">${look.label}</span></td>
    <td>
      <a class="row-link" href="/deployments/${deployment.id}"
        >${deployment.app} <span aria-hidden="true">→</span
        ><span class="sr-only">to</span> ${deployment.environment}
        <span class="number">#${deployment.number}</span></a
      >
      <div class="quiet-text clip">${owner}/${name}</div>
      <div class="quiet-text clip small-only">
        ${renderMoment(createdAt, now)} · ${titleOf(deployment)}
      </div>
    </td>
    <td class="wide">
      <div class="clip">${titleOf(deployment)}</div>
      <div class="quiet-text clip">
        <a class="mono" href="${githubLinks(githubUrl, deployment).commit}"
          >${deployment.sha.slice(0, 7)}</a
        >
        ${renderFrom(deployment)}by ${deployment.actor}
      </div>
    </td>
    <td class="wide">${renderMoment(createdAt, now)}</td>
    <td class="right">${startedAt === null ? "" : renderSpan(startedAt, finishedAt, now)}</td>
  </tr>`;
}

/** `on main `, unless the commit was named itself. */
function renderFrom({ ref }: Deployment): Html | "" {
  const { kind, name } = refName(ref);
  return kind === "commit" ? "" : html`on <span class="mono">${name}</span> `;
}

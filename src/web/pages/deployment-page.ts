import { html } from "hono/html";
import { deploymentTitle, renderSummary, type SummaryContext } from "./deployment-summary.ts";
import { githubLinks } from "./github-links.ts";
import { renderLogSection, type LogView } from "./log-section.ts";
import type { PageContent } from "./page.ts";

/** The page of one deployment: what became of it, and its log. */
export function deploymentPage(view: LogView, context: SummaryContext): PageContent {
  const { deployment } = view;
  const { owner, name } = deployment.repository;
  const body = html`<nav class="crumbs" aria-label="Breadcrumb">
      <a href="/deployments">Deployments</a><span aria-hidden="true">/</span>
      <a href="${githubLinks(context.githubUrl, deployment).repository}">${owner}/${name}</a>
    </nav>
    <p id="announce" class="sr-only" role="status"></p>
    <div id="summary">${renderSummary(deployment, context)}</div>
    ${renderLogSection(view)}`;
  return { title: deploymentTitle(deployment), body, script: "log-view.js", isSignedIn: true };
}

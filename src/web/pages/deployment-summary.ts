import { html } from "hono/html";
import { isFinal, type Deployment } from "../../deployment.ts";
import { formatDuration } from "../../checks/format-time.ts";
import { originText } from "../../checks/origin-text.ts";
import { renderHeadline } from "../../checks/render-title.ts";
import { stateAdvice } from "../../checks/state-advice.ts";
import { renderFailureCard } from "./failure-card.ts";
import { refName, type RefName } from "../../ref-name.ts";
import { githubLinks, webAddress, type GitHubLinks } from "./github-links.ts";
import type { Html } from "./page.ts";
import { renderPhaseTimeline } from "./phase-timeline.ts";
import { renderPlanCard } from "./plan-card.ts";
import { STATE_LOOKS } from "./state-look.ts";
import { renderMoment, renderSpan } from "./time.ts";

/** What the summary needs besides the deployment. */
export interface SummaryContext {
  readonly githubUrl: string;
  readonly now: number;
}

/** Everything about a deployment but its log; a live page replaces it as a whole. */
export function renderSummary(deployment: Deployment, context: SummaryContext): Html {
  const links = githubLinks(context.githubUrl, deployment);
  const begun = deployment.phases.length > 0 || !isFinal(deployment.state);
  return html`${renderHead(deployment)} ${renderStanding(deployment)}
  ${renderFacts(deployment, { links, now: context.now })} ${renderSuccession(deployment)}
  ${deployment.failure ? renderFailureCard(deployment.failure, links) : ""}
  ${begun ? renderPhaseTimeline(deployment, context.now) : ""} ${renderPlanCard(deployment.plan)}`;
}

/** The title of a deployment's page, the state first: it is read in a row of tabs. */
export function deploymentTitle(deployment: Deployment): string {
  const { app, environment, number, state } = deployment;
  return `${STATE_LOOKS[state].label}: ${app} to ${environment} #${number} · Skep`;
}

function renderHead(deployment: Deployment): Html {
  const look = STATE_LOOKS[deployment.state];
  const address = webAddress(deployment.environmentUrl);
  const visit =
    address === null
      ? ""
      : html`<a class="button" href="${address}" rel="noopener noreferrer">Visit</a>`;
  return html`<div class="head">
      <h1>
        ${deployment.app} <span class="arrow" aria-hidden="true">→</span
        ><span class="sr-only">to</span> ${deployment.environment}
        <span class="number">#${deployment.number}</span>
      </h1>
      <span class="badge ${look.tone}" data-state="${deployment.state}">${look.label}</span>
      ${visit}
    </div>
    <p class="commit-title">${deployment.title}</p>`;
}

/** How it stands and what to do about it, in the words of its check run, unless the badge says it all. */
function renderStanding(deployment: Deployment): Html | "" {
  // What took its place is told, with the way there, further down.
  if (deployment.state === "superseded") return "";
  const headline = renderHeadline(deployment, null);
  const advice = stateAdvice(deployment);
  if (headline === STATE_LOOKS[deployment.state].label && advice === "") return "";
  const shown = advice
    .split("`")
    .map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part));
  return html`<p class="note"><strong>${headline}.</strong> ${shown}</p>`;
}

function renderFacts(
  deployment: Deployment,
  { links, now }: { readonly links: GitHubLinks; readonly now: number },
): Html {
  const { startedAt, finishedAt, tasksRunningAt, createdAt, version, sha } = deployment;
  const shortSha = sha.slice(0, 7);
  const from = refName(deployment.ref);
  const facts: readonly (readonly [string, Html | ""])[] = [
    [
      "Commit",
      html`<a class="mono" href="${links.commit}">${shortSha}</a>${
          version === shortSha ? "" : html` <span class="mono">${version}</span>`
        }`,
    ],
    [
      REF_KINDS[from.kind],
      from.kind === "commit" ? "" : html`<a class="mono" href="${links.ref}">${from.name}</a>`,
    ],
    originFact(deployment, links),
    ["Asked", renderMoment(createdAt, now)],
    ["Duration", startedAt === null ? "" : renderSpan(startedAt, finishedAt, now)],
    [
      "Tasks running after",
      tasksRunningAt === null
        ? ""
        : html`<span class="num">${formatDuration(tasksRunningAt - createdAt)}</span>`,
    ],
    ["Stack", html`<span class="mono">${deployment.stackName}</span>`],
  ];
  return html`<dl class="facts">
    ${facts
      .filter(([, value]) => value !== "")
      .map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
  </dl>`;
}

const REF_KINDS: Readonly<Record<RefName["kind"], string>> = {
  branch: "Branch",
  tag: "Tag",
  pull_request: "Pull request",
  commit: "Commit",
};

function originFact({ origin, actor }: Deployment, links: GitHubLinks): readonly [string, Html] {
  const { before, after } = originText(origin);
  const place =
    origin.pullRequest === null
      ? after
      : html`<a href="${links.pullRequest(origin.pullRequest)}">${after}</a>`;
  return [
    `${before.slice(0, 1).toUpperCase()}${before.slice(1)}`,
    html`<a href="${links.actor}">${actor}</a>${after === "" ? "" : html`<div>${place}</div>`}`,
  ];
}

function renderSuccession({ supersededBy, previousDeploymentId }: Deployment): Html | "" {
  if (supersededBy !== null)
    return html`<p class="note">
      A newer deployment took its place:
      <a href="/deployments/${supersededBy}">go to its deployment</a>.
    </p>`;
  if (previousDeploymentId !== null)
    return html`<p class="note">
      It replaced <a href="/deployments/${previousDeploymentId}">the deployment before it</a>.
    </p>`;
  return "";
}

import type { Deployment, Phase, PhaseRecord } from "../deployment.ts";
import { refName } from "../ref-name.ts";
import { formatDuration, formatTimeOfDay } from "./format-time.ts";
import { codeLink } from "./code-link.ts";
import { codeSpan, escapeMarkdown, joinBlocks, link, prose } from "./markdown.ts";
import { originText } from "./origin-text.ts";
import { renderFailure } from "./render-failure.ts";
import { nameOf, type ProjectionContext } from "./render-title.ts";
import { stateAdvice } from "./state-advice.ts";

const PHASE_NAMES: Readonly<Record<Phase, string>> = {
  pre_build: "Pre-build",
  build: "Build",
  pre_deploy: "Pre-deploy",
  deploy: "Deploy",
  post_deploy: "Post-deploy",
};

const OUTCOMES: Readonly<Record<PhaseRecord["outcome"], string>> = {
  running: "… running",
  succeeded: "✓ succeeded",
  failed: "✗ failed",
  skipped: "– skipped",
};

function renderPhase(record: PhaseRecord): string {
  const took = record.endedAt === null ? "" : formatDuration(record.endedAt - record.startedAt);
  const cells = [
    PHASE_NAMES[record.phase],
    OUTCOMES[record.outcome],
    record.outcome === "skipped" ? "" : formatTimeOfDay(record.startedAt),
    record.outcome === "skipped" ? "" : took,
    record.note === null ? "" : escapeMarkdown(record.note, 200),
  ];
  return `| ${cells.join(" | ")} |`;
}

function renderPhases(deployment: Deployment): string {
  if (deployment.phases.length === 0) return "";
  return [
    "| Phase | Result | Began (UTC) | Took | Note |",
    "| --- | --- | --- | ---: | --- |",
    ...deployment.phases.map(renderPhase),
  ].join("\n");
}

function renderOrigin({ origin, actor }: Deployment): string {
  const { before, after } = originText(origin);
  return `${before} ${codeSpan(actor)}${after === "" ? "" : ` ${after}`}`;
}

/** Where the commit was found, unless the words around say so already. */
function renderRef({ ref, version, origin }: Deployment): string {
  const { kind, name } = refName(ref);
  const isSaid =
    kind === "commit" ||
    name === version ||
    (kind === "pull_request" && origin.pullRequest !== null);
  return isSaid ? "" : ` of ${codeSpan(name)}`;
}

function renderFacts(deployment: Deployment): string {
  const { title, sha, version, environment, stackName } = deployment;
  return [
    `**${escapeMarkdown(title === "" ? sha : title, 200)}**`,
    `${sha.startsWith(version) ? "" : `version ${codeSpan(version)}, `}commit ${codeSpan(sha)}${renderRef(deployment)}, ${renderOrigin(deployment)}`,
    `${deployment.kind === "rollback" ? "Rollback, deployment" : "Deployment"} #${deployment.number} of ${codeSpan(deployment.app)} to ${codeSpan(environment)}, stack ${codeSpan(stackName)}`,
  ].join("  \n");
}

function renderLinks(deployment: Deployment, logUrl: string): string {
  const links = [link(deployment.finishedAt === null ? "Follow the log" : "Log", logUrl)];
  if (deployment.environmentUrl !== null && deployment.state === "succeeded") {
    links.push(
      link(`Open ${escapeMarkdown(deployment.environment, 60)}`, deployment.environmentUrl),
    );
  }
  return links.join(" · ");
}

function renderLead(deployment: Deployment, context: ProjectionContext): string {
  if (deployment.state === "superseded") return renderSuperseded(deployment, context);
  const advice = prose(stateAdvice(deployment));
  return deployment.state === "waiting" && deployment.waitingFor !== null
    ? `${advice} (${codeLink("environment_held")})`
    : advice;
}

function renderSuperseded(
  deployment: Deployment,
  { successor, baseUrl }: ProjectionContext,
): string {
  const newer =
    successor === null
      ? "A newer deployment"
      : `${link(escapeMarkdown(nameOf(successor)), `${baseUrl}/deployments/${successor.id}`)}, ` +
        `commit ${codeSpan(successor.sha)}, which is newer,`;
  return deployment.startedAt === null
    ? `${newer} took its place before it started. Nothing of this one was deployed.`
    : `${newer} took its place.`;
}

/** The body of the check run as Markdown: what went wrong first, then what it is, then its phases. */
export function renderSummary(
  deployment: Deployment,
  context: ProjectionContext,
  limits: { readonly logUrl: string; readonly maxBytes: number },
): string {
  const blocks = [
    renderLead(deployment, context),
    ...renderFailure(deployment, context),
    renderFacts(deployment),
    renderLinks(deployment, limits.logUrl),
    renderPhases(deployment),
  ];
  return joinBlocks(blocks, limits.maxBytes, "More is in the log.");
}

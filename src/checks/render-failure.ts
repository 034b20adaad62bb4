import type { Deployment, Failure, Phase } from "../deployment.ts";
import type { ErrorCode } from "../errors.ts";
import { codeLink } from "./code-link.ts";
import { codeSpan, escapeMarkdown, fence, prose } from "./markdown.ts";
import { nameOf, type ProjectionContext } from "./render-title.ts";

const MAX_PROBLEMS = 50;

/** The phases before the first change to the Swarm. */
const HARMLESS: readonly (Phase | null)[] = [null, "pre_build", "build", "pre_deploy"];

/**
 * The problems of a failure as a list, each with its place, at most `max` of them; empty without any. Of the one that
 * the failure's own sentence tells, only the place.
 */
export function renderProblems({ annotations, summary }: Failure, max = MAX_PROBLEMS): string {
  // Which service it is of begins the sentence, and is no part of what is said on its line.
  const told = summary.replace(/^[\w.-]+: /u, "");
  const lines = annotations.slice(0, max).map(({ path, line, title, message }) => {
    const place = `- ${codeSpan(`${path}:${line}`)}`;
    if (told !== "" && message.includes(told)) return place;
    return [
      place,
      title === "" ? "" : ` **${prose(title, 200)}**`,
      message === "" ? "" : ` ${prose(message, 500)}`,
    ].join("");
  });
  const more = annotations.length - lines.length;
  return [...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
}

function activeText(context: ProjectionContext): string {
  return context.active === null ? "" : `, ${escapeMarkdown(nameOf(context.active))},`;
}

/** Breakage that can come between a new service and its removal. */
const BREAKAGE: readonly ErrorCode[] = ["internal", "swarm_conflict", "swarm_unreachable"];

/** A first version that fails on the Swarm is taken away again. */
function renderRemoved({ plan }: Deployment, failure: Failure): string {
  // A new service or network beside old services says nothing about these.
  const services = plan.filter(({ target }) => target.startsWith("service "));
  const isFirst = services.length > 0 && services.every(({ kind }) => kind === "create");
  if (!isFirst || BREAKAGE.includes(failure.code)) return "";
  const removed = services.length === 1 ? "the service was" : "its services were";
  return `**Now:** nothing runs: no version ran here before, and ${removed} removed again.`;
}

/** What the environment runs now that the deployment ended this way; empty while that is open. */
function renderWhatRuns(
  deployment: Deployment,
  failure: Failure,
  context: ProjectionContext,
): string {
  const active = activeText(context);
  const previous =
    deployment.kind === "rollback"
      ? "the version from before this rollback"
      : "the previous version";
  switch (deployment.state) {
    case "rolled_back":
      return `**Now:** ${previous}${active} runs again.`;
    case "rollback_failed":
      return `**Now:** the environment is in between: neither this version nor ${previous} runs as it should.`;
    case "rolling_back":
      return `**Now:** going back to ${previous}${active}.`;
    case "failed":
    case "refused":
    case "cancelled":
      if (!HARMLESS.includes(failure.phase)) return renderRemoved(deployment, failure);
      return context.active === null
        ? "**Now:** nothing was changed on the Swarm."
        : `**Now:** nothing was changed on the Swarm; ${previous}${active} goes on.`;
    case "waiting":
    case "queued":
    case "running":
    case "succeeded":
    case "superseded":
      return "";
  }
}

/** What went wrong as blocks of Markdown: cause, places, evidence, what runs, next step; none without a failure. */
export function renderFailure(
  deployment: Deployment,
  context: ProjectionContext,
): readonly string[] {
  const { failure } = deployment;
  if (failure === null) return [];
  return [
    `**Cause:** ${prose(failure.summary)} (${codeLink(failure.code)})`,
    renderProblems(failure),
    failure.evidence.length === 0 ? "" : fence(failure.evidence),
    failure.nextStep === "" ? "" : `**Next:** ${prose(failure.nextStep)}`,
    renderWhatRuns(deployment, failure, context),
  ];
}

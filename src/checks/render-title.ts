import type { Deployment, Phase } from "../deployment.ts";
import { clip, plainLine } from "./markdown.ts";
import { formatDuration } from "./format-time.ts";

/** What a projection needs to know besides the deployment itself. */
export interface ProjectionContext {
  /** Where Skep's own pages are, without a slash at the end. */
  readonly baseUrl: string;
  /** The deployment whose release the environment runs; null when none ever succeeded. */
  readonly active: Deployment | null;
  /** The deployment that replaced this one, when it is superseded and known. */
  readonly successor: Deployment | null;
}

const DOING: Readonly<Record<Phase, string>> = {
  pre_build: "Preparing",
  build: "Building",
  pre_deploy: "Planning",
  deploy: "Deploying",
  post_deploy: "Watching",
};

const MAX_TITLE = 140;

/** Names a deployment for people: its version and its number. */
export function nameOf(deployment: Deployment): string {
  return `${plainLine(deployment.version, 40)} (#${deployment.number})`;
}

function cause(deployment: Deployment): string {
  const summary = deployment.failure?.summary ?? "";
  return summary === "" ? "" : `: ${plainLine(summary, MAX_TITLE)}`;
}

function tookText(deployment: Deployment): string {
  const { startedAt, finishedAt } = deployment;
  if (startedAt === null || finishedAt === null) return "";
  return ` after ${formatDuration(finishedAt - startedAt)}`;
}

function runningTitle(deployment: Deployment): string {
  const version = plainLine(deployment.version, 40);
  const doing = deployment.phase === null ? "Starting" : DOING[deployment.phase];
  return deployment.phase === "post_deploy"
    ? `${doing} ${version} until it has proved itself`
    : `${doing} ${version}`;
}

function fullTitle(deployment: Deployment, context: ProjectionContext): string {
  const version = plainLine(deployment.version, 40);
  switch (deployment.state) {
    case "waiting":
      return `${version} waits`;
    case "queued":
      return `${version} waits for its turn`;
    case "running":
      return runningTitle(deployment);
    case "rolling_back":
      return `Going back to the previous version${cause(deployment)}`;
    case "succeeded":
      return `${version} runs in ${plainLine(deployment.environment, 60)}${tookText(deployment)}`;
    case "failed":
      return `Failed${cause(deployment)}`;
    case "rolled_back":
      return `Rolled back${cause(deployment)}`;
    case "rollback_failed":
      return `Failed, and so did going back${cause(deployment)}`;
    case "cancelled":
      return `Cancelled${cause(deployment)}`;
    case "superseded":
      return context.successor === null
        ? "Superseded by a newer deployment"
        : `Superseded by ${nameOf(context.successor)}`;
    case "refused":
      return `Refused${cause(deployment)}`;
  }
}

/** The one line that says how a deployment stands. Plain text. */
export function renderTitle(deployment: Deployment, context: ProjectionContext): string {
  return clip(fullTitle(deployment, context), MAX_TITLE);
}

/** The one line beside a deployment's status. Constant within a state, so that progress needs no new status. */
export function renderStatusDescription(
  deployment: Deployment,
  context: ProjectionContext,
): string {
  const title =
    deployment.state === "running"
      ? `Deploying ${plainLine(deployment.version, 40)}`
      : renderTitle(deployment, context);
  return plainDescription(title);
}

/** At most 140 characters that GitHub takes in a description: none outside the basic plane (it answers 422). */
export function plainDescription(text: string): string {
  return plainLine(text.replace(/[\u{10000}-\u{10ffff}]/gu, ""), MAX_TITLE);
}

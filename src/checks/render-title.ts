import type { Deployment, DeploymentState, Phase } from "../deployment.ts";
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
const BAD: readonly DeploymentState[] = [
  "rolling_back",
  "failed",
  "rolled_back",
  "rollback_failed",
  "refused",
];

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
  if (deployment.cancelledBy !== null)
    return `Being cancelled by ${plainLine(deployment.cancelledBy, 39)}`;
  if (deployment.phase === "post_deploy") return `Watching ${version} until it has proved itself`;
  if (deployment.kind === "rollback") return `Rolling back to ${version}`;
  return `${deployment.phase === null ? "Starting" : DOING[deployment.phase]} ${version}`;
}

function waitingTitle({ version, environment, waitingFor }: Deployment): string {
  const waits = `${plainLine(version, 40)} waits`;
  if (waitingFor === null) return waits;
  const since = `the rollback to ${plainLine(waitingFor.version, 40)} by ${plainLine(waitingFor.by, 39)}`;
  return `${waits}: ${plainLine(environment, 60)} is held since ${since}`;
}

function succeededTitle(deployment: Deployment): string {
  const { kind, version, environment } = deployment;
  const again = kind === "rollback" ? " again" : "";
  return `${plainLine(version, 40)} runs in ${plainLine(environment, 60)}${again}${tookText(deployment)}`;
}

function cancelledTitle({ cancelledBy }: Deployment): string {
  return cancelledBy === null ? "Cancelled" : `Cancelled by ${plainLine(cancelledBy, 39)}`;
}

function supersededTitle(successor: Deployment | null): string {
  return successor === null
    ? "Superseded by a newer deployment"
    : `Superseded by ${nameOf(successor)}`;
}

/** How a deployment that failed stands; a rollback says so, because "rolled back" would be said of its success. */
function badTitle(
  state: "rolling_back" | "failed" | "rolled_back" | "rollback_failed",
  { kind, version }: Deployment,
): string {
  const rollback = `Rollback to ${plainLine(version, 40)} failed`;
  switch (state) {
    case "rolling_back":
      return kind === "rollback"
        ? `${rollback}, returning to what ran before`
        : "Going back to the previous version";
    case "failed":
      return kind === "rollback" ? rollback : "Failed";
    case "rolled_back":
      return kind === "rollback" ? `${rollback}, what ran before runs again` : "Rolled back";
    case "rollback_failed":
      return kind === "rollback"
        ? `${rollback}, and so did the way back`
        : "Failed, and so did going back";
  }
}

/** The one line that says how a deployment stands, without the cause. Plain text. */
export function renderHeadline(deployment: Deployment, successor: Deployment | null): string {
  const { kind, version, state } = deployment;
  switch (state) {
    case "waiting":
      return waitingTitle(deployment);
    case "queued":
      return `${kind === "rollback" ? "Rollback to " : ""}${plainLine(version, 40)} waits for its turn`;
    case "running":
      return runningTitle(deployment);
    case "succeeded":
      return succeededTitle(deployment);
    case "rolling_back":
    case "failed":
    case "rolled_back":
    case "rollback_failed":
      return badTitle(state, deployment);
    case "cancelled":
      return cancelledTitle(deployment);
    case "superseded":
      return supersededTitle(successor);
    case "refused":
      return kind === "rollback" ? `Rollback to ${plainLine(version, 40)} refused` : "Refused";
  }
}

/** The one line that says how a deployment stands, and why. Plain text. */
export function renderTitle(deployment: Deployment, { successor }: ProjectionContext): string {
  const { state, cancelledBy } = deployment;
  const hasCause = BAD.includes(state) || (state === "cancelled" && cancelledBy === null);
  const why = hasCause ? cause(deployment) : "";
  return clip(`${renderHeadline(deployment, successor)}${why}`, MAX_TITLE);
}

/** The one line beside a deployment's status. Constant within a state, so that progress needs no new status. */
export function renderStatusDescription(
  deployment: Deployment,
  context: ProjectionContext,
): string {
  if (deployment.state !== "running") return plainDescription(renderTitle(deployment, context));
  const doing = deployment.kind === "rollback" ? "Rolling back to" : "Deploying";
  return plainDescription(`${doing} ${plainLine(deployment.version, 40)}`);
}

/** At most 140 characters that GitHub takes in a description: none outside the basic plane (it answers 422). */
export function plainDescription(text: string): string {
  return plainLine(text.replace(/[\u{10000}-\u{10ffff}]/gu, ""), MAX_TITLE);
}

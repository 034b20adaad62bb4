import type { Annotation, Deployment } from "../deployment.ts";
import { isFinal } from "../deployment.ts";
import { formatInstant } from "./format-time.ts";
import { clip, plainLine, webAddress } from "./markdown.ts";
import type {
  CheckAction,
  CheckRunContent,
  DeploymentStatusContent,
  GitHubDeploymentContent,
} from "./ports.ts";
import { renderPlan } from "./render-plan.ts";
import { renderSummary } from "./render-summary.ts";
import {
  plainDescription,
  renderStatusDescription,
  renderTitle,
  type ProjectionContext,
} from "./render-title.ts";
import { STATE_VIEWS } from "./states.ts";

/** All that GitHub should show for one deployment. */
export interface Projection {
  /** With all annotations, however many. */
  readonly checkRun: CheckRunContent;
  /** What to make when there is no GitHub deployment yet; null when none shall be made of our own. */
  readonly deployment: GitHubDeploymentContent | null;
  /** The newest status of the GitHub deployment, if there is one. */
  readonly status: DeploymentStatusContent;
  /** The deployment that this one's success replaces: its own projection is `inactive` from then on. */
  readonly replaces: string | null;
}

const MAX_OUTPUT_BYTES = 65_535;
const MAX_ANNOTATIONS = 250;

const RETRY: CheckAction = {
  label: "Retry",
  description: "Deploy the same commit again",
  identifier: "retry",
};
const RETRY_ROLLBACK: CheckAction = { ...RETRY, description: "Try this rollback again" };
const ROLL_BACK: CheckAction = {
  label: "Roll back",
  description: "Go back to what ran before this",
  identifier: "roll_back",
};

/** Computes what GitHub should show. Depends on nothing else, so equal records give equal projections. */
export function project(deployment: Deployment, context: ProjectionContext): Projection {
  const logUrl = `${context.baseUrl}/deployments/${deployment.id}`;
  return {
    checkRun: projectCheckRun(deployment, context, logUrl),
    deployment: projectDeployment(deployment, context),
    status: projectStatus(deployment, context, logUrl),
    replaces: deployment.state === "succeeded" ? deployment.previousDeploymentId : null,
  };
}

function projectCheckRun(
  deployment: Deployment,
  context: ProjectionContext,
  logUrl: string,
): CheckRunContent {
  const view = STATE_VIEWS[deployment.state];
  const final = isFinal(deployment.state);
  return {
    // Constant, so that it can be a required check.
    name: `skep / ${deployment.environment}`,
    sha: deployment.sha,
    externalId: deployment.id,
    detailsUrl: logUrl,
    status: view.checkStatus,
    conclusion: view.checkConclusion,
    startedAt: deployment.startedAt === null ? null : formatInstant(deployment.startedAt),
    completedAt: final ? formatInstant(deployment.finishedAt ?? deployment.createdAt) : null,
    title: renderTitle(deployment, context),
    summary: renderSummary(deployment, context, { logUrl, maxBytes: MAX_OUTPUT_BYTES }),
    text: renderPlan(deployment, MAX_OUTPUT_BYTES),
    annotations: projectAnnotations(deployment),
    actions: final ? projectActions(deployment, context) : [],
  };
}

/** The buttons that do something: a refused commit stays refused, and only what runs can be rolled back. */
function projectActions(
  { id, kind, state, previousDeploymentId }: Deployment,
  { active }: ProjectionContext,
): readonly CheckAction[] {
  if (state === "refused") return [];
  if (state !== "succeeded") return [kind === "rollback" ? RETRY_ROLLBACK : RETRY];
  return active?.id === id && previousDeploymentId !== null ? [ROLL_BACK] : [];
}

/** GitHub appends annotations and never takes one back, so they are shown once the deployment is over. */
function projectAnnotations(deployment: Deployment): readonly Annotation[] {
  if (!isFinal(deployment.state)) return [];
  const all = [...(deployment.failure?.annotations ?? []), ...deployment.warnings];
  return all.slice(0, MAX_ANNOTATIONS).map((annotation) => ({
    path: annotation.path,
    line: Math.max(1, annotation.line),
    level: annotation.level,
    title: plainLine(annotation.title, 255),
    message: clip(annotation.message === "" ? annotation.title : annotation.message, 4_000),
  }));
}

function projectDeployment(
  deployment: Deployment,
  context: ProjectionContext,
): GitHubDeploymentContent | null {
  const { state, startedAt, kind, version } = deployment;
  const isSpoiled = state === "refused" || (isFinal(state) && startedAt === null);
  // GitHub takes the newest one for the environment's state: an old one made late would hide what runs.
  if (isSpoiled || isReplaced(deployment, context)) return null;
  const rollback = kind === "rollback" ? `Rollback to ${plainLine(version, 40)}` : "";
  return {
    sha: deployment.sha,
    environment: deployment.environment,
    description: plainDescription([rollback, deployment.title].filter(Boolean).join(": ")),
    production: deployment.environment === "production",
    deploymentId: deployment.id,
  };
}

function projectStatus(
  deployment: Deployment,
  context: ProjectionContext,
  logUrl: string,
): DeploymentStatusContent {
  const { active } = context;
  const url = deployment.environmentUrl === null ? null : webAddress(deployment.environmentUrl);
  if (deployment.state === "succeeded" && active !== null && isReplaced(deployment, context)) {
    const by = `Replaced by ${plainLine(active.version, 40)} (#${active.number})`;
    return { state: "inactive", description: plainDescription(by), logUrl, environmentUrl: url };
  }
  return {
    state: STATE_VIEWS[deployment.state].deploymentStatus,
    description: renderStatusDescription(deployment, context),
    logUrl,
    environmentUrl: url,
  };
}

function isReplaced(deployment: Deployment, { active }: ProjectionContext): boolean {
  return active?.state === "succeeded" && active.number > deployment.number;
}

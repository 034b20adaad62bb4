import type { Annotation, RepositoryRef } from "../deployment.ts";

/** A button of a check run: at most three, label ≤ 20, description ≤ 40, identifier ≤ 20 characters. */
export interface CheckAction {
  readonly label: string;
  readonly description: string;
  readonly identifier: string;
}

/** The body of a check run as GitHub shall show it. */
export interface CheckRunContent {
  readonly name: string;
  readonly sha: string;
  /** The deployment's id. */
  readonly externalId: string;
  readonly detailsUrl: string;
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion:
    "success" | "failure" | "neutral" | "cancelled" | "skipped" | "action_required" | null;
  /** ISO 8601, or null when it has not started / ended. */
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly title: string;
  /** Markdown, ≤ 65,535 characters. */
  readonly summary: string;
  readonly text: string;
  /** In one call at most 50; those of an update are appended to what is there. */
  readonly annotations: readonly Annotation[];
  readonly actions: readonly CheckAction[];
}

/** The body of a GitHub Deployment. */
export interface GitHubDeploymentContent {
  readonly sha: string;
  readonly environment: string;
  readonly description: string;
  readonly production: boolean;
  /** Written into its payload, so that it can be found again. */
  readonly deploymentId: string;
}

/** The body of a status of a GitHub Deployment. */
export interface DeploymentStatusContent {
  readonly state:
    "queued" | "in_progress" | "success" | "failure" | "error" | "inactive" | "pending";
  /** ≤ 140 characters. */
  readonly description: string;
  readonly logUrl: string;
  readonly environmentUrl: string | null;
}

/**
 * GitHub, as the reporter needs it. Throws `github_unavailable`: retryable with `details.retryAfterMs` when known,
 * not retryable when GitHub refused the request itself.
 */
export interface GitHub {
  createCheckRun(repository: RepositoryRef, content: CheckRunContent): Promise<number>;
  updateCheckRun(repository: RepositoryRef, id: number, content: CheckRunContent): Promise<void>;
  /** The check run that an earlier, interrupted run made, found by its external id, and how many annotations it has. */
  findCheckRun(
    repository: RepositoryRef,
    content: Pick<CheckRunContent, "sha" | "name" | "externalId">,
  ): Promise<{ readonly id: number; readonly annotations: number } | null>;
  createDeployment(repository: RepositoryRef, content: GitHubDeploymentContent): Promise<number>;
  /** The deployment that an earlier, interrupted run made, found by the id in its payload. */
  findDeployment(
    repository: RepositoryRef,
    content: Pick<GitHubDeploymentContent, "sha" | "environment" | "deploymentId">,
  ): Promise<number | null>;
  /** Adds a status and leaves every other deployment as it is. */
  createDeploymentStatus(
    repository: RepositoryRef,
    githubDeploymentId: number,
    content: DeploymentStatusContent,
  ): Promise<void>;
  /** State and description of its newest status, or null when it has none. */
  latestDeploymentStatus(
    repository: RepositoryRef,
    githubDeploymentId: number,
  ): Promise<{ readonly state: string; readonly description: string } | null>;
}

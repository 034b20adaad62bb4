import type { ErrorCode } from "./errors.ts";

/** The closed list of states of a deployment. What each looks like on GitHub stands in `checks/states.ts`. */
export const DEPLOYMENT_STATES = [
  "waiting",
  "queued",
  "running",
  "rolling_back",
  "succeeded",
  "failed",
  "rolled_back",
  "rollback_failed",
  "cancelled",
  "superseded",
  "refused",
] as const;

/** One of the closed list of states. */
export type DeploymentState = (typeof DEPLOYMENT_STATES)[number];

/** The states that a deployment never leaves. */
export const FINAL_STATES = [
  "succeeded",
  "failed",
  "rolled_back",
  "rollback_failed",
  "cancelled",
  "superseded",
  "refused",
] as const satisfies readonly DeploymentState[];

/** Whether a deployment in this state is over. */
export function isFinal(state: DeploymentState): boolean {
  return (FINAL_STATES as readonly DeploymentState[]).includes(state);
}

/**
 * Which state may follow which. `running → running` is a change of phase. A rollback that succeeds ends as
 * `rolled_back`, or as `failed` when there was nothing to go back to and the new service was removed.
 */
export const NEXT_STATES: Readonly<Record<DeploymentState, readonly DeploymentState[]>> = {
  waiting: ["queued", "cancelled", "superseded", "refused"],
  queued: ["running", "cancelled", "superseded", "refused"],
  // `refused` only before anything was touched: what it was accepted on is no longer so.
  running: ["running", "rolling_back", "succeeded", "failed", "cancelled", "superseded", "refused"],
  rolling_back: ["rolling_back", "rolled_back", "rollback_failed", "failed"],
  succeeded: [],
  failed: [],
  rolled_back: [],
  rollback_failed: [],
  cancelled: [],
  superseded: [],
  refused: [],
};

/** The phases of a running deployment, in order. */
export const PHASES = ["pre_build", "build", "pre_deploy", "deploy", "post_deploy"] as const;

/** One of the five phases. */
export type Phase = (typeof PHASES)[number];

/** One phase of one deployment. Times are milliseconds since the epoch. */
export interface PhaseRecord {
  readonly phase: Phase;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly outcome: "running" | "succeeded" | "failed" | "skipped";
  /** One short line for people, e.g. `built 3 steps, 2 cached`; null when there is nothing to say. */
  readonly note: string | null;
}

/** A GitHub repository as deployments refer to it. */
export interface RepositoryRef {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly installationId: number;
}

/** A remark on a line of a file of the deployed commit. Lines count from 1. */
export interface Annotation {
  readonly path: string;
  readonly line: number;
  readonly level: "notice" | "warning" | "failure";
  readonly title: string;
  readonly message: string;
}

/** Why a deployment did not succeed, for people and programs. Text fields are hostile and already redacted. */
export interface Failure {
  readonly code: ErrorCode;
  readonly phase: Phase | null;
  /** One sentence that names the cause. */
  readonly summary: string;
  /** The last lines of output that show it; may be empty. */
  readonly evidence: readonly string[];
  /** One sentence that says what to do next. */
  readonly nextStep: string;
  readonly annotations: readonly Annotation[];
}

/** One operation of a plan, with its reason. */
export interface PlanOperation {
  readonly kind: "create" | "update" | "keep" | "remove";
  /** The Swarm object, e.g. `service shop-production_shop`. */
  readonly target: string;
  readonly reason: string;
  /** What it does to running tasks. */
  readonly effect: "none" | "start" | "rolling_update" | "restart" | "recreate" | "stop";
  /** Exact changed fields for an update, `path: before → after`; empty otherwise. */
  readonly changes: readonly string[];
  /** What somebody should look at before this is done. */
  readonly risks: readonly PlanRisk[];
}

/** What may go wrong with an operation although nothing is wrong with it. */
export interface PlanRisk {
  readonly code:
    | "volume_changed"
    | "volume_dropped"
    | "port_moved"
    | "database_major_changed"
    | "replicas_lowered"
    | "service_removed"
    | "service_recreated"
    | "network_differs"
    | "secret_unread"
    | "image_unpinned";
  /** One sentence for people; hostile text. */
  readonly text: string;
}

/** What led to a deployment. */
export interface Origin {
  readonly kind: "push" | "tag" | "release" | "github_deployment" | "comment" | "check_run";
  /** Number of the pull request on which it was asked for; null when it was asked for elsewhere. */
  readonly pullRequest: number | null;
}

/** Keeps automatic deployments away from an environment after a rollback, until somebody lifts it. */
export interface Hold {
  /** The rollback that it came with. */
  readonly deploymentId: string;
  /** GitHub login of who rolled back; hostile text. */
  readonly by: string;
  /** Version that was rolled back to; hostile text. */
  readonly version: string;
  readonly since: number;
}

/** One attempt to make an environment run one release. Times are milliseconds since the epoch. */
export interface Deployment {
  readonly id: string;
  /** A rollback runs the release that it was made with, and builds nothing. */
  readonly kind: "deploy" | "rollback";
  readonly origin: Origin;
  /** Counts the deployments of its lane from 1. */
  readonly number: number;
  readonly repository: RepositoryRef;
  readonly app: string;
  readonly environment: string;
  /** `<repository id>/<app>/<environment>`: one deployment of a lane runs at a time. */
  readonly lane: string;
  readonly intentId: string;
  readonly ref: string;
  readonly sha: string;
  /** The pull request whose head `sha` must still be when the run starts; null when nobody relies on that. */
  readonly headOf: number | null;
  /** First line of the commit's message; hostile text. */
  readonly title: string;
  /** GitHub login of who asked. */
  readonly actor: string;
  /** The tag, or the first 7 characters of the SHA. */
  readonly version: string;
  /** Commit of the default branch that the policy was read from; null when there was none to read. */
  readonly policySha: string | null;
  readonly stackName: string;
  /** Remarks on lines of the configuration that is deployed; they stop nothing. */
  readonly warnings: readonly Annotation[];
  /** Where the environment can be visited, when its policy says so. */
  readonly environmentUrl: string | null;
  readonly state: DeploymentState;
  readonly phase: Phase | null;
  readonly phases: readonly PhaseRecord[];
  readonly plan: readonly PlanOperation[];
  readonly releaseId: string | null;
  readonly failure: Failure | null;
  /** The GitHub deployment of somebody else that asked for this one and is reported on; null when Skep makes its own. */
  readonly githubDeploymentId: number | null;
  /** What it waits for in state `waiting`; null in every other state. */
  readonly waitingFor: Hold | null;
  /** GitHub login of who asked that it be cancelled; it ends when its run notices. */
  readonly cancelledBy: string | null;
  /** The deployment that replaced this one, when superseded. */
  readonly supersededBy: string | null;
  /** The deployment whose release ran here until this one succeeded; set by the store with the success. */
  readonly previousDeploymentId: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** When all tasks of the new release ran, before the proving window; null until then. */
  readonly tasksRunningAt: number | null;
  /** Increases by one with every write of the record: the optimistic lock. */
  readonly recordVersion: number;
}

/** A change of state or phase, with cause and time: the only thing that reporters, logs and metrics listen to. */
export interface Transition {
  readonly deploymentId: string;
  readonly from: DeploymentState | null;
  readonly to: DeploymentState;
  readonly phase: Phase | null;
  readonly reason: string;
  readonly at: number;
}

/** The lane of an app in an environment of a repository. */
export function laneOf(repositoryId: number, app: string, environment: string): string {
  return `${repositoryId}/${app}/${environment}`;
}

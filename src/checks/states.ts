import type { DeploymentState } from "../deployment.ts";
import type { CheckRunContent, DeploymentStatusContent } from "./ports.ts";

/** What one state of a deployment looks like from outside. */
export interface StateView {
  readonly checkStatus: CheckRunContent["status"];
  /** Null until the state is final. A required check passes on `success`, `neutral` and `skipped` only. */
  readonly checkConclusion: CheckRunContent["conclusion"];
  readonly deploymentStatus: DeploymentStatusContent["state"];
  /** What a command that waited for the deployment exits with; null while there is something to wait for. */
  readonly exitCode: number | null;
  /** Type of the event that programs get. */
  readonly eventType: string;
}

/** The one table of what each state becomes on GitHub, in a shell and in an event. */
export const STATE_VIEWS: Readonly<Record<DeploymentState, StateView>> = {
  waiting: {
    checkStatus: "queued",
    checkConclusion: null,
    deploymentStatus: "pending",
    exitCode: null,
    eventType: "deployment.waiting",
  },
  queued: {
    checkStatus: "queued",
    checkConclusion: null,
    deploymentStatus: "queued",
    exitCode: null,
    eventType: "deployment.queued",
  },
  running: {
    checkStatus: "in_progress",
    checkConclusion: null,
    deploymentStatus: "in_progress",
    exitCode: null,
    eventType: "deployment.running",
  },
  rolling_back: {
    checkStatus: "in_progress",
    checkConclusion: null,
    deploymentStatus: "in_progress",
    exitCode: null,
    eventType: "deployment.rolling_back",
  },
  succeeded: {
    checkStatus: "completed",
    checkConclusion: "success",
    deploymentStatus: "success",
    exitCode: 0,
    eventType: "deployment.succeeded",
  },
  failed: {
    checkStatus: "completed",
    checkConclusion: "failure",
    deploymentStatus: "failure",
    exitCode: 1,
    eventType: "deployment.failed",
  },
  rolled_back: {
    checkStatus: "completed",
    checkConclusion: "failure",
    deploymentStatus: "failure",
    exitCode: 3,
    eventType: "deployment.rolled_back",
  },
  // `error` and not `failure`: what the environment runs now is not what anybody asked for.
  rollback_failed: {
    checkStatus: "completed",
    checkConclusion: "failure",
    deploymentStatus: "error",
    exitCode: 4,
    eventType: "deployment.rollback_failed",
  },
  cancelled: {
    checkStatus: "completed",
    checkConclusion: "cancelled",
    deploymentStatus: "inactive",
    exitCode: 5,
    eventType: "deployment.cancelled",
  },
  superseded: {
    checkStatus: "completed",
    checkConclusion: "skipped",
    deploymentStatus: "inactive",
    exitCode: 6,
    eventType: "deployment.superseded",
  },
  // `failure` and not `inactive`: who made a GitHub deployment and waits for its end must see one that is bad.
  refused: {
    checkStatus: "completed",
    checkConclusion: "failure",
    deploymentStatus: "failure",
    exitCode: 7,
    eventType: "deployment.refused",
  },
};

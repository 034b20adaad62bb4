import type { Hold } from "../deployment.ts";
import type { ErrorCode } from "../errors.ts";
import type { Intent } from "../intent.ts";
import type { Decision, EnvironmentKey, NewDeployment, Outcome } from "../store/ports.ts";
import type { AnswerResult } from "../store/conversation.ts";

/** A deployment to be made, before it has an identity and a time. */
export type PlannedDeployment = Omit<
  NewDeployment,
  | "id"
  | "intentId"
  | "phase"
  | "phases"
  | "plan"
  | "supersededBy"
  | "previousDeploymentId"
  | "cancelledBy"
  | "createdAt"
  | "startedAt"
  | "finishedAt"
  | "tasksRunningAt"
>;

/** A hold that comes with the first deployment of its verdict. */
export type PlannedHold = Pick<Hold, "by" | "version">;

/** How a command line is answered; `made` tells of the verdict's first deployment. */
export type PlannedAnswer =
  Exclude<AnswerResult, { kind: "deployment" }> | { readonly kind: "made" };

/** What was decided about one intent, as plain data. */
export interface Verdict extends Pick<
  Decision,
  "decided" | "decidedSha" | "decidedVersion" | "released" | "cancelled"
> {
  readonly outcome: Outcome;
  readonly deployments: readonly PlannedDeployment[];
  readonly holds: readonly {
    readonly environment: EnvironmentKey;
    readonly hold: PlannedHold | null;
  }[];
  /** Null when nobody waits for an answer. */
  readonly answer: PlannedAnswer | null;
}

/** A verdict that changes nothing but what `change` says. */
export function verdict(outcome: Outcome, change: Partial<Omit<Verdict, "outcome">> = {}): Verdict {
  return {
    outcome,
    deployments: [],
    decided: [],
    decidedSha: null,
    decidedVersion: null,
    holds: [],
    released: [],
    cancelled: [],
    answer: null,
    ...change,
  };
}

/** The verdict that an intent asks for nothing. */
export function ignoring(intent: Intent, code: ErrorCode, message: string): Verdict {
  return verdict({ kind: "ignored", code, message, intent });
}

/** The outcome that an intent is not carried out. */
export function refusal(intent: Intent, code: ErrorCode, message: string): Outcome {
  return { kind: "refused", code, message, intent };
}

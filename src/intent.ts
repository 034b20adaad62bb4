import type { RepositoryRef } from "./deployment.ts";
import type { ErrorCode } from "./errors.ts";

interface IntentBase {
  readonly repository: RepositoryRef;
  /** GitHub login of who caused it. */
  readonly actor: string;
  /** GUID of the delivery it came from. */
  readonly deliveryGuid: string;
  readonly sha: string;
}

/** A push to a branch. */
export interface PushIntent extends IntentBase {
  readonly kind: "push";
  /** Full ref, e.g. `refs/heads/main`. */
  readonly ref: string;
  readonly before: string;
  /** Whether the push replaced commits instead of adding some. */
  readonly isForced: boolean;
  /** First line of the head commit's message; hostile text. */
  readonly title: string;
  readonly defaultBranch: string;
}

/** A person's wish to run a finished deployment again, same commit. */
export interface RetryIntent extends IntentBase {
  readonly kind: "retry";
  /** `external_id` of the check run whose button was pressed: the id of the deployment to repeat. */
  readonly deploymentId: string;
}

/** What somebody or something asked for, as plain data. */
export type Intent = PushIntent | RetryIntent;

/** What a delivery was found to ask for, or why it asks for nothing. */
export type Decoded =
  | { readonly kind: "intent"; readonly intent: Intent }
  | { readonly kind: "ignored"; readonly code: ErrorCode; readonly message: string };

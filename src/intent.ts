import { z } from "zod";
import type { ErrorCode } from "./errors.ts";

const repository = z.object({
  id: z.number().int(),
  owner: z.string(),
  name: z.string(),
  installationId: z.number().int(),
});

const base = {
  repository,
  /** GitHub login of who caused it. */
  actor: z.string(),
  /** GUID of the delivery it came from. */
  deliveryGuid: z.string(),
};

const push = z.object({
  ...base,
  kind: z.literal("push"),
  /** Full ref, e.g. `refs/heads/main`. */
  ref: z.string(),
  before: z.string(),
  sha: z.string(),
  /** First line of the head commit's message. */
  title: z.string(),
  defaultBranch: z.string(),
});

const retry = z.object({
  ...base,
  kind: z.literal("retry"),
  /** `external_id` of the check run whose button was pressed: the id of the deployment to repeat. */
  deploymentId: z.string(),
  sha: z.string(),
});

const intent = z.discriminatedUnion("kind", [push, retry]);

/** What somebody or something asked for, as plain data. */
export type Intent = z.infer<typeof intent>;
/** A push to a branch. */
export type PushIntent = z.infer<typeof push>;
/** A person's wish to run a finished deployment again, same commit. */
export type RetryIntent = z.infer<typeof retry>;

/** Reads an intent back from JSON; throws a `ZodError` when it is none. */
export function decodeIntent(json: unknown): Intent {
  return intent.parse(json);
}

/** What a delivery was found to ask for, or why it asks for nothing. */
export type Decoded =
  | { readonly kind: "intent"; readonly intent: Intent }
  | { readonly kind: "ignored"; readonly code: ErrorCode; readonly message: string };

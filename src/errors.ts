/**
 * Every code that a person or a program may meet, in one closed list. `docs/errors.md` has a row for each
 * (a test keeps the two equal). Codes are stable: they are never renamed or reused.
 */
export const ERROR_CODES = [
  // Refusals: Skep decided not to.
  "branch_deleted",
  "branch_not_deployed",
  "cancelled_by_user",
  "command_invalid",
  "commit_already_decided",
  "commit_not_in_repository",
  "config_invalid",
  "environment_ambiguous",
  "environment_held",
  "environment_unknown",
  "event_ignored",
  "fork_refused",
  "head_unknown",
  "image_gone",
  "not_a_pull_request",
  "not_allowed",
  "not_authorized",
  "not_held",
  "nothing_to_cancel",
  "nothing_to_retry",
  "nothing_to_roll_back",
  "path_unchanged",
  "pull_request_closed",
  "ref_ambiguous",
  "ref_changed",
  "ref_unknown",
  "registry_needed",
  "release_running",
  "stack_not_owned",
  "superseded",
  "tag_not_deployed",
  "unknown_command",
  "version_outdated",
  "version_unknown",
  // Failures of what was asked: the repository's side can mend them.
  "build_failed",
  "build_timeout",
  "context_too_large",
  "dockerfile_missing",
  "file_not_found",
  "image_not_found",
  "network_not_found",
  "no_suitable_node",
  "port_in_use",
  "push_failed",
  "rollout_timeout",
  "source_not_found",
  "spec_rejected",
  "subnet_in_use",
  "task_exited",
  "task_rejected",
  "task_unhealthy",
  "verification_failed",
  "volume_differs",
  // Breakage: the operator's side can mend them.
  "cancelled_by_shutdown",
  "github_unavailable",
  "internal",
  "lease_lost",
  "redis_unavailable",
  "settings_invalid",
  "source_unavailable",
  "swarm_conflict",
  "swarm_not_manager",
  "swarm_unreachable",
] as const;

/** One of the closed list of codes. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What a `SkepError` carries besides its message. `details` must be safe to log: no secret, no payload. */
export interface SkepErrorOptions {
  readonly retryable?: boolean;
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
  /** What the person who reads this can do next, as a sentence. */
  readonly nextStep?: string;
  /** The last lines of output that show the cause; hostile text, already redacted. */
  readonly evidence?: readonly string[];
}

/** Breakage: something that should have worked did not. Created only in adapters and in the runner. */
export class SkepError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
  readonly nextStep: string | null;
  readonly evidence: readonly string[];

  constructor(code: ErrorCode, message: string, options: SkepErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "SkepError";
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
    this.nextStep = options.nextStep ?? null;
    this.evidence = options.evidence ?? [];
  }
}

/** The one conversion from whatever was thrown: a `SkepError` stays itself, all else becomes `internal`. */
export function toSkepError(thrown: unknown): SkepError {
  if (thrown instanceof SkepError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new SkepError("internal", message, { cause: thrown });
}

import type { RepositoryRef } from "../deployment.ts";
import type { ErrorCode } from "../errors.ts";
import type { CommandComment } from "../intent.ts";

/** What came of one command line of a comment. */
export interface Answer {
  readonly intentId: string;
  readonly comment: CommandComment;
  /** Line of the comment, from 1. */
  readonly line: number;
  /** The line as typed; hostile text. */
  readonly text: string;
  readonly at: number;
  readonly result: AnswerResult;
}

/** How a command line is answered. Texts hold hostile parts. */
export type AnswerResult =
  /** It made this deployment, which tells how it goes. */
  | { readonly kind: "deployment"; readonly deploymentId: string }
  /** It was done at once. */
  | { readonly kind: "done"; readonly message: string }
  /** It asked to be shown something; null for all environments. */
  | {
      readonly kind: "shown";
      readonly what: "status" | "history" | "help";
      readonly environment: string | null;
    }
  | {
      readonly kind: "refused";
      readonly code: ErrorCode;
      readonly message: string;
      readonly nextStep: string;
      /** A command that may be meant instead, to be copied; null when there is none. */
      readonly suggestion: string | null;
    }
  /** A stranger who was refused on this pull request before: told by a reaction only. */
  | { readonly kind: "unanswered" };

/** A pull request with commands, as its comments are answered. */
export interface ConversationKey {
  readonly repositoryId: number;
  /** Number of the pull request. */
  readonly number: number;
}

/** What was last made to show on a pull request, and when to look again. */
export interface ConversationReport extends ConversationKey {
  readonly repository: RepositoryRef;
  /** The one comment that Skep edits in place; null when there is none yet. */
  readonly statusCommentId: number | null;
  /** Channel → what was last sent: the status comment's fingerprint, and the reactions of each comment. */
  readonly sent: Readonly<Record<string, string>>;
  /** Effects begun but not known to have ended: they are looked up before they are tried again. */
  readonly aboutTo: readonly string[];
  /** Version of the conversation that GitHub shows; below its own, there is something to send. */
  readonly sentVersion: number;
  readonly attempts: number;
  readonly nextAttemptAt: number;
  readonly lastError: string | null;
}

/** All that is known of a conversation. */
export interface Conversation {
  readonly report: ConversationReport;
  /** Increases with every comment seen, every answer, and every write of a deployment that was asked for on it. */
  readonly version: number;
  /** The newest 50, and those of the newest 50 answers that say something, in order of writing. */
  readonly comments: readonly CommandComment[];
  /** To those comments, in order of decision. */
  readonly answers: readonly Answer[];
}

/** The pull requests with commands, and how far their answers have been told. */
export interface Conversations {
  /** Notes a comment that holds commands, before they are decided; does nothing the second time. */
  see(comment: CommandComment): Promise<void>;
  /** Conversations that are behind and due, oldest first; each is reserved for `reserveMs`. */
  take(request: {
    readonly now: number;
    readonly limit: number;
    readonly reserveMs: number;
  }): Promise<readonly ConversationKey[]>;
  /** Throws `internal` for a pull request where no comment was seen. */
  get(key: ConversationKey): Promise<Conversation>;
  /**
   * Saves how far it was told, and ends the reservation. A comment, an answer, and the beginning or end of a deployment
   * that came since are due at once, unless GitHub is failing (`attempts` above 0); the progress of a deployment is due
   * at `nextAttemptAt`.
   */
  save(report: ConversationReport): Promise<void>;
  /** When the next one is due, in milliseconds since the epoch; null when none is behind. */
  nextDueAt(): Promise<number | null>;
}

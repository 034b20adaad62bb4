import type { RepositoryRef } from "../../deployment.ts";

/** Reactions with which a comment is answered. */
export type ReactionContent = "eyes" | "rocket" | "+1" | "-1";

/**
 * GitHub, as far as it takes part in conversations. Throws `github_unavailable`: retryable with `details.retryAfterMs`
 * when known, not retryable (with `details.status`) when GitHub refused the request itself.
 */
export interface ConversationGitHub {
  /** Reacts to a comment, once however often it is asked. Returns the reaction's id. */
  createReaction(
    repository: RepositoryRef,
    commentId: number,
    content: ReactionContent,
  ): Promise<number>;
  /** Takes a reaction back; it may be gone already. */
  deleteReaction(repository: RepositoryRef, commentId: number, reactionId: number): Promise<void>;
  /** Comments on a pull request. Returns the comment's id. */
  createComment(repository: RepositoryRef, number: number, body: string): Promise<number>;
  updateComment(repository: RepositoryRef, commentId: number, body: string): Promise<void>;
  /** The comment of our own App that begins with the marker and was written or edited since, or null. */
  findComment(
    repository: RepositoryRef,
    number: number,
    wanted: { readonly marker: string; readonly since: number },
  ): Promise<number | null>;
}

import type { CommandComment } from "../../intent.ts";
import type { Answer, Conversation } from "../../store/conversation.ts";
import type { Urgency } from "../budget.ts";
import { fingerprint } from "../sent.ts";
import type { ReactionContent } from "./ports.ts";
import { isAcknowledged, reactionToAll } from "./reactions.ts";
import { renderComment, type StatusComment } from "./render-comment.ts";
import { isEyesSent, outdatedReaction, sentComment, sentReaction } from "./sent.ts";
import type { ConversationView } from "./view.ts";

/** One thing to do on GitHub. */
export type Effect =
  | { readonly kind: "react"; readonly commentId: number; readonly content: ReactionContent }
  | { readonly kind: "unreact"; readonly commentId: number; readonly reactionId: number }
  | { readonly kind: "create_comment"; readonly comment: StatusComment }
  | { readonly kind: "update_comment"; readonly id: number; readonly comment: StatusComment };

/** What follows from comparing what GitHub shows with what it should show. */
export type Next =
  | { readonly kind: "effect"; readonly effect: Effect; readonly urgency: Urgency }
  | { readonly kind: "later"; readonly at: number }
  | { readonly kind: "nothing" };

/** While nothing was answered and nothing has ended, the comment is edited at most this often. */
export const EDIT_INTERVAL_MS = 60_000;
/** The lines of a comment are answered one after the other: the edit waits so long for the next. */
const SETTLE_MS = 300;
/** A reaction tells the end of all lines, so it waits longer. */
const REACTION_SETTLE_MS = 1_000;
/** What was begun and not seen to end is looked for after this: before, GitHub may still be at it. */
const UNSURE_MS = 3_000;

const NOTHING: Next = { kind: "nothing" };

/** The next comment that has not been told that it was seen; null when all have. */
export function nextAcknowledgement({ report, comments, answers }: Conversation): Effect | null {
  const next = comments.find(
    (comment) =>
      !isEyesSent(report, comment.commentId) && isAcknowledged(answersTo(comment, answers)),
  );
  return next === undefined ? null : { kind: "react", commentId: next.commentId, content: "eyes" };
}

/**
 * Decides the next thing to do: comments are told first that they were seen, then the one comment is brought up to
 * date, then reactions tell how it ended. `setAside` names effects that this pass leaves alone.
 */
export function nextEffect(
  view: ConversationView,
  now: number,
  setAside: ReadonlySet<string>,
): Next {
  const seen = nextAcknowledgement(view.conversation);
  if (seen !== null && !setAside.has(nameOf(seen))) {
    return { kind: "effect", effect: seen, urgency: "acknowledgement" };
  }
  const onComment = nextOnComment(view, now, setAside);
  if (onComment.kind === "effect") return onComment;
  const onReactions = nextOnReactions(view, now, setAside);
  return onReactions.kind === "effect" ? onReactions : earlier(onComment, onReactions);
}

/** Names what an effect is about: trouble with it keeps only its like from being tried. */
export function nameOf(effect: Effect): string {
  switch (effect.kind) {
    case "react":
      return `${effect.content === "eyes" ? "eyes" : "final"}:${effect.commentId}`;
    case "unreact":
      return `outdated:${effect.commentId}`;
    case "create_comment":
    case "update_comment":
      return "comment";
  }
}

function nextOnComment(view: ConversationView, now: number, setAside: ReadonlySet<string>): Next {
  const comment = setAside.has("comment") ? null : renderComment(view);
  if (comment === null) return NOTHING;
  const { report, answers } = view.conversation;
  const sent = sentComment(report);
  if (sent.refused === comment.urgent) return NOTHING;
  const id = report.statusCommentId;
  const isCurrent = id !== null && sent.content === fingerprint([comment.content]);
  if (isCurrent) return NOTHING;
  const isProgress = id !== null && sent.urgent === comment.urgent;
  const settledAt = newestAt(answers) + SETTLE_MS;
  const knownAt = sent.begunAt === null ? 0 : sent.begunAt + UNSURE_MS;
  const at = Math.max(isProgress ? sent.at + EDIT_INTERVAL_MS : settledAt, knownAt);
  if (at > now) return { kind: "later", at };
  const effect: Effect =
    id === null ? { kind: "create_comment", comment } : { kind: "update_comment", id, comment };
  return { kind: "effect", effect, urgency: isProgress ? "progress" : "report" };
}

function nextOnReactions(
  { conversation, deployments }: ConversationView,
  now: number,
  setAside: ReadonlySet<string>,
): Next {
  const { report, comments, answers } = conversation;
  let next = NOTHING;
  for (const comment of comments) {
    const { commentId } = comment;
    const own = answersTo(comment, answers);
    const wanted = reactionToAll(own, deployments);
    const sent = sentReaction(report, commentId)?.content ?? null;
    const effect = wanted === null ? null : effectFor(report, { commentId, wanted, sent });
    if (effect === null || setAside.has(nameOf(effect))) continue;
    const settledAt = newestAt(own) + REACTION_SETTLE_MS;
    if (settledAt <= now) return { kind: "effect", effect, urgency: "report" };
    next = earlier(next, { kind: "later", at: settledAt });
  }
  return next;
}

function effectFor(
  report: Conversation["report"],
  {
    commentId,
    wanted,
    sent,
  }: {
    readonly commentId: number;
    readonly wanted: ReactionContent;
    readonly sent: string | null;
  },
): Effect | null {
  if (sent !== wanted && sent !== "refused") {
    return { kind: "react", commentId, content: wanted };
  }
  const outdated = outdatedReaction(report, commentId);
  return outdated === null ? null : { kind: "unreact", commentId, reactionId: outdated };
}

function answersTo({ commentId }: CommandComment, answers: readonly Answer[]): readonly Answer[] {
  return answers.filter(({ comment }) => comment.commentId === commentId);
}

function newestAt(answers: readonly Answer[]): number {
  return Math.max(0, ...answers.map(({ at }) => at));
}

function earlier(one: Next, other: Next): Next {
  if (one.kind !== "later") return other;
  return other.kind === "later" && other.at < one.at ? other : one;
}

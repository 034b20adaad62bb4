import type { ConversationReport } from "../../store/conversation.ts";
import type { StatusComment } from "./render-comment.ts";
import { fingerprint } from "../sent.ts";
import type { ReactionContent } from "./ports.ts";

/** What GitHub was last made to show of the one comment, read back from a report. */
export interface SentComment {
  readonly content: string | null;
  readonly urgent: string | null;
  /** When it was last written, in milliseconds since the epoch. */
  readonly at: number;
  /** What it was to say when GitHub refused it for good; null when it did not. */
  readonly refused: string | null;
  /** When its creation was begun that is not known to have ended; null when none was. */
  readonly begunAt: number | null;
}

/** The creation of the comment among the effects whose outcome is unknown. */
export const CREATE_COMMENT = "create_comment";

const EYES = "eyes";
const FINAL = "final";

/** Reads what a report says of the comment. */
export function sentComment({ sent, aboutTo }: ConversationReport): SentComment {
  return {
    content: sent["comment"] ?? null,
    urgent: sent["comment_urgent"] ?? null,
    at: Number(sent["comment_at"] ?? 0),
    refused: sent["comment_refused"] ?? null,
    begunAt: aboutTo.includes(CREATE_COMMENT) ? Number(sent["comment_begun"] ?? 0) : null,
  };
}

/** Whether a comment was told that it was seen, or GitHub does not let it be told. */
export function isEyesSent({ sent }: ConversationReport, commentId: number): boolean {
  return sent[`${EYES}:${commentId}`] !== undefined;
}

/** The last reaction that told what came of a comment: its content (or `refused`) and its id. */
export function sentReaction(
  { sent }: ConversationReport,
  commentId: number,
): { readonly content: string; readonly id: number | null } | null {
  const text = sent[`${FINAL}:${commentId}`];
  if (text === undefined) return null;
  const [content = "", id] = text.split(" ");
  return { content, id: id === undefined ? null : Number(id) };
}

/** The reaction that another one has taken the place of and that is still there; null when there is none. */
export function outdatedReaction({ sent }: ConversationReport, commentId: number): number | null {
  const text = sent[`outdated:${commentId}`];
  return text === undefined ? null : Number(text);
}

/** The report after a reaction; one that told something else is to be taken back. */
export function withReaction(
  report: ConversationReport,
  { commentId, content, id }: ReactionSent,
): ConversationReport {
  if (content === "eyes") return withSent(report, { [`${EYES}:${commentId}`]: String(id) });
  const before = sentReaction(report, commentId)?.id ?? null;
  return withSent(report, {
    [`${FINAL}:${commentId}`]: `${content} ${id}`,
    ...(before === null || before === id ? {} : { [`outdated:${commentId}`]: String(before) }),
  });
}

/** A reaction that GitHub has. */
export interface ReactionSent {
  readonly commentId: number;
  readonly content: ReactionContent;
  readonly id: number;
}

/** The report after the reaction that was outdated has been taken back. */
export function withoutOutdated(report: ConversationReport, commentId: number): ConversationReport {
  const { [`outdated:${commentId}`]: _, ...sent } = report.sent;
  return { ...report, sent };
}

/** The report after GitHub refused a reaction for good, such as to a comment that was deleted. */
export function withReactionRefused(
  report: ConversationReport,
  commentId: number,
  content: ReactionContent,
): ConversationReport {
  const key = content === "eyes" ? EYES : FINAL;
  return withSent(report, { [`${key}:${commentId}`]: "refused" });
}

/** The report just before the comment is made. */
export function withCommentBegun(report: ConversationReport, at: number): ConversationReport {
  const aboutTo = [...new Set([...report.aboutTo, CREATE_COMMENT])];
  return withSent({ ...report, aboutTo }, { comment_begun: String(at) });
}

/** The report after the comment was found to be there, as it was meant to be or not. */
export function withCommentFound(report: ConversationReport, id: number): ConversationReport {
  return { ...settled(report), statusCommentId: id };
}

/** The report after the comment was written. */
export function withCommentSent(
  report: ConversationReport,
  written: { readonly id: number; readonly comment: StatusComment; readonly at: number },
): ConversationReport {
  return withSent(withCommentFound(report, written.id), {
    comment: fingerprint([written.comment.content]),
    comment_urgent: written.comment.urgent,
    comment_at: String(written.at),
  });
}

/** The report after the comment turned out to be gone. */
export function withCommentLost(report: ConversationReport): ConversationReport {
  return { ...report, statusCommentId: null };
}

/** The report after GitHub refused the comment for good; it is tried again when there is news. */
export function withCommentRefused(
  report: ConversationReport,
  { urgent }: StatusComment,
): ConversationReport {
  return withSent(settled(report), { comment_refused: urgent });
}

/** The report without what was sent to comments that are shown no more. */
export function withoutOld(
  report: ConversationReport,
  comments: readonly { readonly commentId: number }[],
): ConversationReport {
  const shown = new Set(comments.map(({ commentId }) => String(commentId)));
  const entries = Object.entries(report.sent).filter(([key]) => {
    const [, commentId] = key.split(":");
    return commentId === undefined || shown.has(commentId);
  });
  return { ...report, sent: Object.fromEntries(entries) };
}

function settled(report: ConversationReport): ConversationReport {
  return { ...report, aboutTo: report.aboutTo.filter((kind) => kind !== CREATE_COMMENT) };
}

function withSent(
  report: ConversationReport,
  change: Readonly<Record<string, string>>,
): ConversationReport {
  return { ...report, sent: { ...report.sent, ...change } };
}

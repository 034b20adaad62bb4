import { z } from "zod";
import { parseComment, type Line } from "../commands/parse.ts";
import type { AskedLine, CommandComment, Decoded } from "../intent.ts";
import type { Delivery } from "../store/ports.ts";
import { asking, describeMismatch, ignored, origin, repositoryOf, time } from "./payload.ts";

/** A command is shorter; more of a line is of no use to anybody. */
const MAX_LINE = 1_000;

const commentPayload = origin.extend({
  action: z.string(),
  issue: z.object({
    number: z.number().int().positive(),
    state: z.string(),
    // Only pull requests have it.
    pull_request: z.unknown().optional(),
  }),
  comment: z.object({
    id: z.number().int().positive(),
    body: z.string(),
    created_at: time,
    user: z.object({ login: z.string().min(1), type: z.string().optional() }).nullable(),
    performed_via_github_app: z.unknown().optional(),
  }),
});

type CommentPayload = z.infer<typeof commentPayload>;

/** A comment to be answered, with its lines that are commands, or nearly. */
interface Found {
  readonly comment: CommandComment;
  readonly lines: readonly Line[];
  readonly payload: CommentPayload;
}

/**
 * Reads what an `issue_comment` event asks for: an intent for each line that is a command, or nearly one, in their
 * order. Edited comments and those of bots ask for nothing. Never throws.
 */
export function decodeIssueComment(payload: unknown, deliveryGuid: string): readonly Decoded[] {
  const found = findCommands(payload);
  if ("kind" in found) return [found];
  const { comment, lines } = found;
  return lines.map((line) =>
    asking({
      kind: "command",
      repository: comment.repository,
      actor: comment.actor,
      deliveryGuid,
      comment,
      line: line.line,
      text: line.text.slice(0, MAX_LINE),
      asked: askedOf(line),
      isPullRequestOpen: found.payload.issue.state === "open",
      defaultBranch: found.payload.repository.default_branch,
    }),
  );
}

/** The comment of a stored delivery, when it is one that is answered; null for any other delivery. Never throws. */
export function commandCommentOf(delivery: Delivery): CommandComment | null {
  if (delivery.event !== "issue_comment") return null;
  try {
    const payload: unknown = JSON.parse(delivery.payload);
    const found = findCommands(payload);
    return "kind" in found ? null : found.comment;
  } catch {
    return null;
  }
}

function findCommands(given: unknown): Found | Decoded {
  const parsed = commentPayload.safeParse(given);
  if (!parsed.success) return ignored(describeMismatch(parsed.error));
  const { action, issue, comment } = parsed.data;
  if (action !== "created") return ignored(`nothing follows from issue_comment.${action}`);
  const { user } = comment;
  if (user === null) return ignored("nobody is named who wrote the comment");
  const isApp =
    comment.performed_via_github_app !== undefined && comment.performed_via_github_app !== null;
  if (user.type === "Bot" || isApp) return ignored("the comment was written by a program");
  const lines = parseComment(comment.body);
  if (lines.length === 0) return ignored("the comment holds no commands");
  if (issue.pull_request === undefined || issue.pull_request === null) {
    return ignored("commands work on pull requests, not on plain issues", "not_a_pull_request");
  }
  return {
    comment: {
      repository: repositoryOf(parsed.data),
      number: issue.number,
      commentId: comment.id,
      actor: user.login,
      createdAt: comment.created_at,
    },
    lines,
    payload: parsed.data,
  };
}

function askedOf(line: Line): AskedLine {
  if (line.kind === "command") return { kind: "command", command: line.command };
  const { code, message, suggestion } = line;
  return { kind: "reply", code, message, suggestion };
}

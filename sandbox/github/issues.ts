import { formatComment, formatIssue } from "./format/issue.ts";
import { type Hub, nextId, timestamp } from "./hub.ts";
import type { Comment, Issue, IssueEvent, Reaction, ReactionContent } from "./issue-state.ts";
import type { Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** Begins an issue with the repository's next number; the caller adds what makes it a pull request. */
export function addIssue(
  hub: Hub,
  repository: Repository,
  wanted: { readonly title: string; readonly body: string | null; readonly author: string },
): Issue {
  const now = timestamp(hub.now());
  const taken = hub.state.issues.filter((one) => one.repositoryId === repository.id);
  const issue: Issue = {
    id: nextId(hub),
    repositoryId: repository.id,
    number: Math.max(0, ...taken.map((one) => one.number)) + 1,
    ...wanted,
    state: "open",
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    closedBy: null,
    events: [],
  };
  hub.state.issues.push(issue);
  hub.changed();
  return issue;
}

/** An issue or pull request of a repository by its number. */
export function findIssue(
  hub: Pick<Hub, "state">,
  repository: Pick<Repository, "id">,
  number: number,
): Issue | undefined {
  return hub.state.issues.find(
    (one) => one.repositoryId === repository.id && one.number === number,
  );
}

/** A comment with the issue it stands on. */
export interface PlacedComment {
  readonly comment: Comment;
  readonly issue: Issue;
}

/** A comment of a repository by its id. */
export function findComment(
  hub: Pick<Hub, "state">,
  repository: Pick<Repository, "id">,
  id: number,
): PlacedComment | undefined {
  const comment = hub.state.comments.find((one) => one.id === id);
  const issue = hub.state.issues.find((one) => one.id === comment?.issueId);
  if (!comment || issue?.repositoryId !== repository.id) return undefined;
  return { comment, issue };
}

/** Notes that something happened to an issue. */
export function noteEvent(hub: Hub, issue: Issue, event: Omit<IssueEvent, "at">): void {
  const at = timestamp(hub.now());
  issue.events.push({ ...event, at });
  issue.updatedAt = at;
  hub.changed();
}

/** Writes a comment; sends `issue_comment.created`. */
export function addComment(
  hub: LiveHub,
  repository: Repository,
  issue: Issue,
  { author, body }: { readonly author: string; readonly body: string },
): Comment {
  const now = timestamp(hub.now());
  const comment = {
    id: nextId(hub),
    issueId: issue.id,
    author,
    body,
    createdAt: now,
    updatedAt: now,
  };
  hub.state.comments.push(comment);
  issue.updatedAt = now;
  hub.changed();
  emitComment(hub, repository, { issue, comment }, { action: "created", sender: author });
  return comment;
}

/** Changes a comment's text; sends `issue_comment.edited`, also when the text is the same. */
export function editComment(
  hub: LiveHub,
  repository: Repository,
  place: PlacedComment,
  { body, sender }: { readonly body: string; readonly sender: string },
): void {
  const from = place.comment.body;
  place.comment.body = body;
  place.comment.updatedAt = timestamp(hub.now());
  hub.changed();
  const changes = { body: { from } };
  emitComment(hub, repository, place, { action: "edited", sender, changes });
}

/** Removes a comment with its reactions; sends `issue_comment.deleted`. */
export function removeComment(
  hub: LiveHub,
  repository: Repository,
  place: PlacedComment,
  sender: string,
): void {
  const { state } = hub;
  const { id } = place.comment;
  emitComment(hub, repository, place, { action: "deleted", sender });
  state.comments = state.comments.filter((one) => one.id !== id);
  state.reactions = state.reactions.filter((one) => one.commentId !== id);
  hub.changed();
}

/** Adds a reaction, or finds the same one of the same account; GitHub sends no webhook for it. */
export function addReaction(
  hub: Hub,
  comment: Comment,
  { user, content }: { readonly user: string; readonly content: ReactionContent },
): { readonly reaction: Reaction; readonly isNew: boolean } {
  const known = hub.state.reactions.find(
    (one) => one.commentId === comment.id && one.user === user && one.content === content,
  );
  if (known) return { reaction: known, isNew: false };
  const reaction: Reaction = {
    id: nextId(hub),
    commentId: comment.id,
    user,
    content,
    createdAt: timestamp(hub.now()),
  };
  hub.state.reactions.push(reaction);
  hub.changed();
  return { reaction, isNew: true };
}

function emitComment(
  hub: LiveHub,
  repository: Repository,
  { issue, comment }: PlacedComment,
  about: {
    readonly action: "created" | "edited" | "deleted";
    readonly sender: string;
    readonly changes?: { readonly body: { readonly from: string } };
  },
): void {
  const { action, sender, changes } = about;
  const payload = {
    action,
    ...(changes && { changes }),
    issue: formatIssue(hub, repository, issue),
    comment: formatComment(hub, repository, issue, comment),
  };
  hub.emit({ event: "issue_comment", repository, sender, payload });
}

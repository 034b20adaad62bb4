import { addUser } from "./accounts.ts";
import { botLogin } from "./hub.ts";
import type { Comment, Issue, Reaction, ReactionContent } from "./issue-state.ts";
import {
  addComment,
  addIssue,
  addReaction,
  editComment,
  findComment,
  findIssue,
  type PlacedComment,
  removeComment,
} from "./issues.ts";
import { requireRepository, type RepositoryName } from "./repository-name.ts";
import type { Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** A comment with the reactions to it, oldest first. */
export type LocalComment = Comment & { readonly reactions: readonly Reaction[] };

/** A comment named by its id. */
export interface CommentUse extends RepositoryName {
  readonly commentId: number;
  /** Who does it; the comment's author when nobody is named. */
  readonly user?: string;
}

/** What people do with issues and comments; an account that is not known yet is added, `x[bot]` as a bot. */
export interface IssueOperations {
  /** Opens a plain issue; the repository's owner does it when nobody is named. */
  openIssue(
    use: RepositoryName & {
      readonly title?: string;
      readonly body?: string;
      readonly user?: string;
    },
  ): Issue;
  /** Comments on an issue or a pull request, with `issue_comment.created`. */
  comment(
    use: RepositoryName & {
      readonly number: number;
      readonly body: string;
      readonly user?: string;
    },
  ): Comment;
  /** Changes a comment's text, with `issue_comment.edited`. */
  editComment(use: CommentUse & { readonly body: string }): void;
  /** Removes a comment, with `issue_comment.deleted`. */
  deleteComment(use: CommentUse): void;
  /** Adds a reaction; the same one again changes nothing. */
  react(use: CommentUse & { readonly content: ReactionContent; readonly user: string }): Reaction;
  /** Oldest first; of one issue or pull request, or of all. */
  comments(use: RepositoryName & { readonly number?: number }): LocalComment[];
}

/** Creates the operations on issues over a hub. */
export function createIssueOperations(hub: LiveHub): IssueOperations {
  const { state } = hub;
  return {
    openIssue: (use) => {
      const repository = requireRepository(hub, use);
      return addIssue(hub, repository, {
        title: use.title ?? "Something is wrong",
        body: use.body ?? null,
        author: requireActor(hub, use.user ?? repository.owner),
      });
    },
    comment: (use) => {
      const repository = requireRepository(hub, use);
      const issue = requireIssue(hub, repository, use.number);
      const author = requireActor(hub, use.user ?? repository.owner);
      return addComment(hub, repository, issue, { author, body: use.body });
    },
    editComment: (use) => {
      const { repository, place } = requireComment(hub, use);
      const sender = requireActor(hub, use.user ?? place.comment.author);
      editComment(hub, repository, place, { body: use.body, sender });
    },
    deleteComment: (use) => {
      const { repository, place } = requireComment(hub, use);
      removeComment(hub, repository, place, requireActor(hub, use.user ?? place.comment.author));
    },
    react: (use) => {
      const { place } = requireComment(hub, use);
      const { user, content } = use;
      return addReaction(hub, place.comment, { user: requireActor(hub, user), content }).reaction;
    },
    comments: (use) => {
      const repository = requireRepository(hub, use);
      const ids = state.issues
        .filter((one) => one.repositoryId === repository.id)
        .filter((one) => use.number === undefined || one.number === use.number)
        .map((one) => one.id);
      return state.comments
        .filter((one) => ids.includes(one.issueId))
        .map((one) => ({
          ...one,
          reactions: state.reactions.filter((reaction) => reaction.commentId === one.id),
        }));
    },
  };
}

/** The login of whoever does something: the App's own bot, or an account, added when it is new. */
export function requireActor(hub: LiveHub, login: string): string {
  if (login === botLogin(hub)) return login;
  return addUser(hub, { login, type: login.endsWith("[bot]") ? "Bot" : "User" }).login;
}

/** An issue or pull request by its number; throws when there is none. */
export function requireIssue(hub: LiveHub, repository: Repository, number: number): Issue {
  const found = findIssue(hub, repository, number);
  if (!found)
    throw new Error(`looking for #${number}: ${repository.owner}/${repository.name} has none such`);
  return found;
}

function requireComment(
  hub: LiveHub,
  use: CommentUse,
): { readonly repository: Repository; readonly place: PlacedComment } {
  const repository = requireRepository(hub, use);
  const place = findComment(hub, repository, use.commentId);
  if (!place)
    throw new Error(`looking for comment ${use.commentId}: ${use.owner}/${use.repo} has none such`);
  return { repository, place };
}

import { z } from "zod";

/** The reactions GitHub knows. */
export const reactionContents = [
  "+1",
  "-1",
  "laugh",
  "confused",
  "heart",
  "hooray",
  "rocket",
  "eyes",
] as const;

const event = z.object({
  kind: z.enum([
    "pushed",
    "force_pushed",
    "closed",
    "reopened",
    "merged",
    "draft",
    "ready",
    "renamed",
    "branch_deleted",
  ]),
  actor: z.string(),
  at: z.string(),
  /** The new head for `pushed` and `force_pushed`, what the base became for `merged`. */
  sha: z.string().exactOptional(),
});

const pull = z.object({
  /** GitHub's own id of the pull request, different from its issue's. */
  id: z.number(),
  /** The base repository itself, or a fork of it. */
  headRepositoryId: z.number(),
  /** Whose repository that is or was: a fork may be deleted. */
  headOwner: z.string(),
  headBranch: z.string(),
  headSha: z.string(),
  baseBranch: z.string(),
  /** Where the base branch stood when the head last moved. */
  baseSha: z.string(),
  isDraft: z.boolean(),
  /** Null until git was asked. */
  isMergeable: z.boolean().nullable(),
  /** The test merge of `refs/pull/<n>/merge`; once merged, what the base became. */
  mergeSha: z.string().nullable(),
  mergedAt: z.string().nullable(),
  mergedBy: z.string().nullable(),
});

/** An issue; a pull request is one with `pull`. */
export const issue = z.object({
  id: z.number(),
  repositoryId: z.number(),
  /** Counted per repository, over issues and pull requests alike. */
  number: z.number(),
  title: z.string(),
  body: z.string().nullable(),
  author: z.string(),
  state: z.enum(["open", "closed"]),
  createdAt: z.string(),
  updatedAt: z.string(),
  closedAt: z.string().nullable(),
  closedBy: z.string().nullable(),
  pull: pull.exactOptional(),
  /** What happened besides comments, oldest first: a page shows both in the order of time. */
  events: z.array(event),
});

/** A comment on an issue or a pull request; a deleted one is gone. */
export const comment = z.object({
  id: z.number(),
  issueId: z.number(),
  /** A login; the App's own is `<slug>[bot]`. */
  author: z.string(),
  body: z.string(),
  createdAt: z.string(),
  /** Later than `createdAt` once it was edited. */
  updatedAt: z.string(),
});

/** One account's reaction to a comment. */
export const reaction = z.object({
  id: z.number(),
  commentId: z.number(),
  user: z.string(),
  content: z.enum(reactionContents),
  createdAt: z.string(),
});

/** An issue or a pull request. */
export type Issue = z.infer<typeof issue>;
/** What only a pull request has. */
export type Pull = z.infer<typeof pull>;
/** Something that happened to an issue, apart from comments. */
export type IssueEvent = z.infer<typeof event>;
/** A comment on an issue or a pull request. */
export type Comment = z.infer<typeof comment>;
/** A reaction to a comment. */
export type Reaction = z.infer<typeof reaction>;
/** The name of a reaction. */
export type ReactionContent = (typeof reactionContents)[number];

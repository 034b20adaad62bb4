import { z } from "zod";
import { reactionContents } from "./issue-state.ts";
import type { Operations } from "./operations.ts";

/** Adds one control route: the body's schema, and what to do with it. */
export type PostControl = <T extends z.ZodType>(
  path: string,
  schema: T,
  act: (body: z.infer<T>) => unknown,
) => void;

const text = z.string().exactOptional();
const flag = z.boolean().exactOptional();
const name = z.object({ owner: z.string(), repo: z.string(), user: text });
const pull = name.extend({ number: z.number() });
const comment = name.extend({ commentId: z.number() });

const schemas = {
  repository: name,
  fork: z.object({ owner: z.string(), repo: z.string(), by: z.string(), name: text }),
  issue: name.extend({ title: text, body: text }),
  opening: name.extend({ head: z.string(), base: text, title: text, body: text, draft: flag }),
  edit: pull.extend({ title: text, body: text, base: text }),
  draft: pull.extend({ draft: z.boolean() }),
  merge: pull.extend({ method: z.enum(["merge", "squash"]).exactOptional(), deleteBranch: flag }),
  branch: name.extend({ branch: z.string() }),
  comment: pull.extend({ body: z.string() }),
  commentEdit: comment.extend({ body: z.string() }),
  reaction: comment.extend({ user: z.string(), content: z.enum(reactionContents) }),
};

/** Pull requests, issues, comments and reactions for another process. */
export function addIssueControls(post: PostControl, operations: Operations): void {
  post("forks", schemas.fork, (body) => operations.forkRepository(body));
  post("repositories/delete", schemas.repository, (body) => operations.deleteRepository(body));
  post("issues", schemas.issue, (body) => operations.openIssue(body));
  post("pulls", schemas.opening, (body) => operations.openPullRequest(body));
  post("pulls/edit", schemas.edit, (body) => operations.editPullRequest(body));
  post("pulls/draft", schemas.draft, (body) => operations.setDraft(body));
  post("pulls/merge", schemas.merge, (body) => operations.mergePullRequest(body));
  post("pulls/close", pull, (body) => operations.closePullRequest(body));
  post("pulls/reopen", pull, (body) => operations.reopenPullRequest(body));
  post("branches/delete", schemas.branch, (body) => operations.deleteBranch(body));
  post("comments", schemas.comment, (body) => operations.comment(body));
  post("comments/edit", schemas.commentEdit, (body) => operations.editComment(body));
  post("comments/delete", comment, (body) => operations.deleteComment(body));
  post("reactions", schemas.reaction, (body) => operations.react(body));
}

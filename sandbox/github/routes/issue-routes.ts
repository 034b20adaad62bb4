import type { Context, Hono } from "hono";
import { z } from "zod";
import { apiError, invalid, notFound } from "../api-error.ts";
import {
  accessRepository,
  callerLogin,
  checkAccess,
  type Env,
  type Permission,
} from "../caller.ts";
import { formatComment, formatIssue } from "../format/issue.ts";
import { holdsRole } from "../granted-role.ts";
import type { Hub } from "../hub.ts";
import type { Issue } from "../issue-state.ts";
import { addComment, editComment, findComment, findIssue, type PlacedComment } from "../issues.ts";
import { paginate } from "../pagination.ts";
import type { Repository } from "../state.ts";
import type { LiveHub } from "../webhooks.ts";
import { readBody } from "./body.ts";

const text = z.object({ body: z.string() });
const maxBody = 65_536;
// Either is enough for comments; GitHub documents `issues` alone for the issue itself and for reactions.
const talk = ["issues", "pull_requests"] as const;

/** Issues and their comments; a pull request is an issue here. */
export function addIssueRoutes(api: Hono<Env>, hub: LiveHub): void {
  api.get("/repos/:owner/:repo/issues/:number{[0-9]+}", (c) => {
    const { repository, issue } = accessIssue(hub, c, ["issues", "read"]);
    return c.json(formatIssue(hub, repository, issue));
  });
  api.get("/repos/:owner/:repo/issues/:number{[0-9]+}/comments", (c) => {
    const { repository, issue } = accessIssue(hub, c, [talk, "read"]);
    const since = Date.parse(c.req.query("since") ?? "1970-01-01T00:00:00Z");
    const all = hub.state.comments
      .filter((one) => one.issueId === issue.id)
      .filter((one) => Date.parse(one.updatedAt) >= since);
    return c.json(paginate(c, all).map((one) => formatComment(hub, repository, issue, one)));
  });
  api.post("/repos/:owner/:repo/issues/:number{[0-9]+}/comments", async (c) => {
    const { repository, issue } = accessIssue(hub, c, [talk, "write"]);
    const body = await readText(c);
    const author = callerLogin(hub, c.get("caller"));
    const comment = addComment(hub, repository, issue, { author, body });
    const answer = formatComment(hub, repository, issue, comment);
    return c.json(answer, 201, { Location: String(answer.url) });
  });
  const path = "/repos/:owner/:repo/issues/comments/:id{[0-9]+}";
  api.get(path, (c) => {
    const { repository, issue, comment } = accessComment(hub, c, [talk, "read"]);
    return c.json(formatComment(hub, repository, issue, comment));
  });
  api.patch(path, async (c) => {
    const { repository, ...place } = accessComment(hub, c, [talk, "write"]);
    const caller = c.get("caller");
    const sender = callerLogin(hub, caller);
    const isOwn = caller.kind !== "user" || place.comment.author === sender;
    if (!isOwn && !holdsRole(repository, sender, "write"))
      throw apiError(403, "Must have admin rights to Repository.");
    editComment(hub, repository, place, { body: await readText(c), sender });
    return c.json(formatComment(hub, repository, place.issue, place.comment));
  });
}

/** Finds the comment of a route for its caller, or throws GitHub's 404 or 403. */
export function accessComment(
  hub: Hub,
  c: Context<Env>,
  permission: Permission,
): PlacedComment & { readonly repository: Repository } {
  const repository = accessRepository(hub, c, permission);
  const place = findComment(hub, repository, Number(c.req.param("id")));
  if (!place) throw notFound();
  if (!place.issue.pull) checkAccess(hub, c.get("caller"), repository, ["issues", permission[1]]);
  return { repository, ...place };
}

function accessIssue(
  hub: Hub,
  c: Context<Env>,
  permission: Permission,
): { readonly repository: Repository; readonly issue: Issue } {
  const repository = accessRepository(hub, c, permission);
  const issue = findIssue(hub, repository, Number(c.req.param("number")));
  if (!issue) throw notFound();
  // On a plain issue a permission for pull requests is worth nothing.
  if (!issue.pull) checkAccess(hub, c.get("caller"), repository, ["issues", permission[1]]);
  return { repository, issue };
}

async function readText(c: Context<Env>): Promise<string> {
  const { body } = await readBody(c, text, "IssueComment");
  if (body.trim() === "") throw invalid("IssueComment", "body", "Body can't be blank");
  if (Array.from(body).length > maxBody)
    throw invalid("IssueComment", "body", `Body is too long (maximum is ${maxBody} characters)`);
  return body;
}

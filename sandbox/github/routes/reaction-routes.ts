import type { Hono } from "hono";
import { z } from "zod";
import { apiError, notFound } from "../api-error.ts";
import { callerLogin, type Env } from "../caller.ts";
import { formatReaction } from "../format/issue.ts";
import type { Hub } from "../hub.ts";
import { reactionContents } from "../issue-state.ts";
import { addReaction } from "../issues.ts";
import { paginate } from "../pagination.ts";
import { readBody } from "./body.ts";
import { accessComment } from "./issue-routes.ts";

const creation = z.object({ content: z.enum(reactionContents) });

/** Reactions to comments on issues and pull requests. */
export function addReactionRoutes(api: Hono<Env>, hub: Hub): void {
  const path = "/repos/:owner/:repo/issues/comments/:id{[0-9]+}/reactions";
  api.get(path, (c) => {
    const { comment } = accessComment(hub, c, ["issues", "read"]);
    const wanted = c.req.query("content");
    const all = hub.state.reactions
      .filter((one) => one.commentId === comment.id)
      .filter((one) => wanted === undefined || one.content === wanted);
    return c.json(paginate(c, all).map((one) => formatReaction(hub, one)));
  });
  api.post(path, async (c) => {
    const { comment } = accessComment(hub, c, ["issues", "write"]);
    const { content } = await readBody(c, creation, "Reaction");
    const user = callerLogin(hub, c.get("caller"));
    const { reaction, isNew } = addReaction(hub, comment, { user, content });
    return c.json(formatReaction(hub, reaction), isNew ? 201 : 200);
  });
  api.delete(`${path}/:reactionId{[0-9]+}`, (c) => {
    const { comment } = accessComment(hub, c, ["issues", "write"]);
    const { reactions } = hub.state;
    const id = Number(c.req.param("reactionId"));
    const found = reactions.find((one) => one.id === id && one.commentId === comment.id);
    if (!found) throw notFound();
    if (found.user !== callerLogin(hub, c.get("caller")))
      throw apiError(403, "Resource not accessible by integration");
    reactions.splice(reactions.indexOf(found), 1);
    hub.changed();
    return c.body(null, 204);
  });
}

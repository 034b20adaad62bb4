import { z } from "zod";
import type { ClientDeps } from "../../github/client.ts";
import { SkepError } from "../../errors.ts";
import { formatInstant } from "../format-time.ts";
import { createInstallationCalls } from "../installation-calls.ts";
import type { ConversationGitHub } from "./ports.ts";

const made = z.object({ id: z.number().int() });
const comments = z.array(
  z.object({
    id: z.number().int(),
    body: z.string().optional(),
    performed_via_github_app: z.object({ id: z.number().int() }).nullish(),
  }),
);

const PAGE = 100;
const MAX_PAGES = 20;

/** GitHub's reactions and comments through Octokit. `appId` tells our own comments from those of others. */
export function createOctokitConversations(
  deps: ClientDeps & { readonly appId: number },
): ConversationGitHub {
  const call = createInstallationCalls(deps);
  return {
    createReaction: (repository, commentId, content) =>
      call(repository, "reacting to a comment", async (client, where) => {
        const { data } = await client.rest.reactions.createForIssueComment({
          ...where,
          comment_id: commentId,
          content,
        });
        return made.parse(data).id;
      }),

    async deleteReaction(repository, commentId, reactionId) {
      const wanted = { comment_id: commentId, reaction_id: reactionId };
      try {
        await call(repository, "taking a reaction back", async (client, where) => {
          await client.rest.reactions.deleteForIssueComment({ ...where, ...wanted });
        });
      } catch (error) {
        const isGone = error instanceof SkepError && error.details["status"] === 404;
        if (!isGone) throw error;
      }
    },

    createComment: (repository, number, body) =>
      call(repository, "commenting on a pull request", async (client, where) => {
        const { data } = await client.rest.issues.createComment({
          ...where,
          issue_number: number,
          body,
        });
        return made.parse(data).id;
      }),

    updateComment: (repository, commentId, body) =>
      call(repository, "editing a comment", async (client, where) => {
        await client.rest.issues.updateComment({ ...where, comment_id: commentId, body });
      }),

    findComment: (repository, number, { marker, since }) =>
      call(repository, "looking for a comment", async (client, where) => {
        for (let page = 1; page <= MAX_PAGES; page++) {
          const { data } = await client.rest.issues.listComments({
            ...where,
            issue_number: number,
            since: formatInstant(since),
            per_page: PAGE,
            page,
          });
          const listed = comments.parse(data);
          const found = listed.find(
            ({ body, performed_via_github_app: app }) =>
              app?.id === deps.appId && body?.startsWith(marker) === true,
          );
          if (found) return found.id;
          if (listed.length < PAGE) return null;
        }
        return null;
      }),
  };
}

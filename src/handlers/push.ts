import { z } from "zod";
import type { Decoded } from "../intent.ts";
import { describeMismatch, origin, repositoryOf, sender, sha } from "./payload.ts";

const MAX_TITLE = 200;

const pushPayload = origin.extend({
  ref: z.string().min(1),
  before: sha,
  after: sha,
  deleted: z.boolean(),
  forced: z.boolean().default(false),
  head_commit: z.object({ message: z.string() }).nullable(),
  pusher: z.object({ name: z.string().min(1) }),
  sender: sender.optional(),
});

/** Reads what a `push` asks for: nothing when a branch is deleted or a tag is pushed. Never throws. */
export function decodePush(payload: unknown, deliveryGuid: string): Decoded {
  const parsed = pushPayload.safeParse(payload);
  if (!parsed.success) return ignore("event_ignored", describeMismatch(parsed.error));
  const { ref, before, after, deleted, forced, head_commit, repository } = parsed.data;
  if (!ref.startsWith("refs/heads/"))
    return ignore("event_ignored", "only pushes to branches deploy");
  if (deleted) return ignore("branch_deleted", "the push deletes its branch");
  const [title = ""] = (head_commit?.message ?? "").split("\n", 1);
  return {
    kind: "intent",
    intent: {
      kind: "push",
      repository: repositoryOf(parsed.data),
      actor: parsed.data.sender?.login ?? parsed.data.pusher.name,
      deliveryGuid,
      ref,
      before,
      isForced: forced,
      sha: after,
      title: title.slice(0, MAX_TITLE),
      defaultBranch: repository.default_branch,
    },
  };
}

function ignore(code: "event_ignored" | "branch_deleted", message: string): Decoded {
  return { kind: "ignored", code, message };
}

import { z } from "zod";
import type { Decoded } from "../intent.ts";
import {
  asking,
  describeMismatch,
  ignored,
  origin,
  repositoryOf,
  sender,
  sha,
  titleOf,
} from "./payload.ts";

const pushPayload = origin.extend({
  ref: z.string().min(1),
  before: sha,
  after: sha,
  deleted: z.boolean(),
  forced: z.boolean().default(false),
  head_commit: z.object({ id: sha.optional(), message: z.string() }).nullable(),
  pusher: z.object({ name: z.string().min(1) }),
  sender: sender.optional(),
});

type PushPayload = z.infer<typeof pushPayload>;

const BRANCH = "refs/heads/";
const TAG = "refs/tags/";

/** Reads what a `push` asks for: nothing when it deletes a branch or a tag. Never throws. */
export function decodePush(payload: unknown, deliveryGuid: string): Decoded {
  const parsed = pushPayload.safeParse(payload);
  if (!parsed.success) return ignored(describeMismatch(parsed.error));
  const { ref, deleted } = parsed.data;
  if (ref.startsWith(TAG) && ref !== TAG) {
    return deleted ? ignored("the push deletes its tag") : readTag(parsed.data, deliveryGuid);
  }
  if (!ref.startsWith(BRANCH)) return ignored("only pushes to branches and tags deploy");
  if (deleted) return ignored("the push deletes its branch", "branch_deleted");
  return readBranch(parsed.data, deliveryGuid);
}

function readBranch(payload: PushPayload, deliveryGuid: string): Decoded {
  return asking({
    kind: "push",
    repository: repositoryOf(payload),
    actor: actorOf(payload),
    deliveryGuid,
    ref: payload.ref,
    before: payload.before,
    isForced: payload.forced,
    sha: payload.after,
    title: titleOf(payload.head_commit?.message ?? ""),
    defaultBranch: payload.repository.default_branch,
  });
}

/** `after` of an annotated tag is the tag's own object, which is no commit. */
function readTag(payload: PushPayload, deliveryGuid: string): Decoded {
  const { ref, head_commit } = payload;
  return asking({
    kind: "tag",
    cause: "push",
    repository: repositoryOf(payload),
    actor: actorOf(payload),
    deliveryGuid,
    tag: ref.slice(TAG.length),
    sha: head_commit?.id ?? null,
    title: head_commit === null ? null : titleOf(head_commit.message),
    defaultBranch: payload.repository.default_branch,
  });
}

function actorOf({ sender: by, pusher }: PushPayload): string {
  return by?.login ?? pusher.name;
}

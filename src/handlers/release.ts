import { z } from "zod";
import type { Decoded } from "../intent.ts";
import { asking, describeMismatch, ignored, origin, repositoryOf, sender } from "./payload.ts";

const releasePayload = origin.extend({
  action: z.string(),
  release: z.object({ tag_name: z.string().min(1).max(255), draft: z.boolean() }),
  sender,
});

/** Reads what a `release` event asks for: the deployment of its tag, once it is published. Never throws. */
export function decodeRelease(payload: unknown, deliveryGuid: string): Decoded {
  const parsed = releasePayload.safeParse(payload);
  if (!parsed.success) return ignored(describeMismatch(parsed.error));
  const { action, release, repository } = parsed.data;
  // `released` comes beside it, for what is no pre-release.
  if (action !== "published") return ignored(`nothing follows from release.${action}`);
  if (release.draft) return ignored("the release is a draft");
  return asking({
    kind: "tag",
    cause: "release",
    repository: repositoryOf(parsed.data),
    actor: parsed.data.sender.login,
    deliveryGuid,
    tag: release.tag_name,
    sha: null,
    title: null,
    defaultBranch: repository.default_branch,
  });
}

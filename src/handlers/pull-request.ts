import { z } from "zod";
import type { Decoded } from "../intent.ts";
import { describeMismatch, ignored, origin, sha, time } from "./payload.ts";

/** The actions after which a pull request's head, or whether it is open, may be another. */
const TELLING = [
  "opened",
  "reopened",
  "synchronize",
  "closed",
  "edited",
  "ready_for_review",
  "converted_to_draft",
];

const pullRequestPayload = origin.extend({
  action: z.string(),
  pull_request: z.object({
    number: z.number().int().positive(),
    state: z.string(),
    updated_at: time,
    // Null once the fork is deleted.
    head: z.object({ sha, repo: z.object({ id: z.number() }).nullable() }),
    base: z.object({ repo: z.object({ id: z.number() }) }),
  }),
});

/** Reads what a `pull_request` event tells of its head. Never throws. */
export function decodePullRequest(payload: unknown): Decoded {
  const parsed = pullRequestPayload.safeParse(payload);
  if (!parsed.success) return ignored(describeMismatch(parsed.error));
  const { action, pull_request: pull, repository } = parsed.data;
  if (!TELLING.includes(action)) return ignored(`nothing follows from pull_request.${action}`);
  return {
    kind: "sighting",
    sighting: {
      repositoryId: repository.id,
      number: pull.number,
      headSha: pull.head.sha,
      isFork: pull.head.repo?.id !== pull.base.repo.id,
      isOpen: pull.state === "open",
      at: pull.updated_at,
    },
  };
}

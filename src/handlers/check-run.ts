import { z } from "zod";
import type { Decoded } from "../intent.ts";
import { asking, describeMismatch, ignored, origin, repositoryOf, sender, sha } from "./payload.ts";

const checkRunPayload = origin.extend({
  action: z.string(),
  requested_action: z.object({ identifier: z.string() }).optional(),
  check_run: z.object({
    external_id: z.string().nullable(),
    head_sha: sha,
    app: z.object({ id: z.number() }).nullable(),
  }),
  sender,
});

/** Reads what a `check_run` event asks for: its buttons Retry and Roll back, or GitHub's own Re-run. Never throws. */
export function decodeCheckRun(payload: unknown, deliveryGuid: string, appId: number): Decoded {
  const parsed = checkRunPayload.safeParse(payload);
  if (!parsed.success) return ignored(describeMismatch(parsed.error));
  const { action, requested_action, check_run, repository } = parsed.data;
  if (check_run.app?.id !== appId) return ignored("the check run is another App's");
  const button = action === "requested_action" ? requested_action?.identifier : null;
  const isRetry = button === "retry" || action === "rerequested";
  if (!isRetry && button !== "roll_back")
    return ignored(`nothing follows from check_run.${action}`);
  if (!check_run.external_id) return ignored("the check run names no deployment");
  const asked = {
    repository: repositoryOf(parsed.data),
    actor: parsed.data.sender.login,
    deliveryGuid,
    deploymentId: check_run.external_id,
    defaultBranch: repository.default_branch,
  };
  return isRetry
    ? asking({ kind: "retry", ...asked, sha: check_run.head_sha })
    : asking({ kind: "roll_back", ...asked });
}

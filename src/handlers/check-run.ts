import { z } from "zod";
import type { Decoded } from "../intent.ts";
import { describeMismatch, origin, repositoryOf, sender, sha } from "./payload.ts";

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

/** Reads what a `check_run` event asks for: its Retry button or GitHub's own Re-run. Never throws. */
export function decodeCheckRun(payload: unknown, deliveryGuid: string, appId: number): Decoded {
  const parsed = checkRunPayload.safeParse(payload);
  if (!parsed.success) return ignore(describeMismatch(parsed.error));
  const { action, requested_action, check_run } = parsed.data;
  if (check_run.app?.id !== appId) return ignore("the check run is another App's");
  const isRetry = action === "requested_action" && requested_action?.identifier === "retry";
  if (!isRetry && action !== "rerequested")
    return ignore(`nothing follows from check_run.${action}`);
  if (!check_run.external_id) return ignore("the check run names no deployment");
  return {
    kind: "intent",
    intent: {
      kind: "retry",
      repository: repositoryOf(parsed.data),
      actor: parsed.data.sender.login,
      deliveryGuid,
      deploymentId: check_run.external_id,
      sha: check_run.head_sha,
    },
  };
}

function ignore(message: string): Decoded {
  return { kind: "ignored", code: "event_ignored", message };
}

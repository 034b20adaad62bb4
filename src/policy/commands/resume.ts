import type { CommandIntent } from "../../intent.ts";
import { verdict, type Verdict } from "../verdict.ts";
import type { ResumeFacts } from "./command-facts.ts";
import { nameDeployment } from "./name-deployment.ts";
import { refusal, refuseCommand } from "./refusal.ts";

/** The verdict on `/resume`: the hold is lifted, and what waited for that goes on. Pure. */
export function decideResume(intent: CommandIntent, facts: ResumeFacts): Verdict {
  const { key, hold, waiting } = facts;
  if (hold === null) {
    const message = `${key.environment} is not held: it takes automatic deployments`;
    return refuseCommand(intent, refusal("not_held", message, "There is nothing to do."));
  }
  const lifted = `${key.environment} takes automatic deployments again`;
  const message = waiting
    ? `${lifted}; ${nameDeployment(waiting)} was waiting and goes on`
    : lifted;
  return verdict(
    { kind: "accepted", intent },
    {
      holds: [{ environment: key, hold: null }],
      released: waiting ? [waiting.id] : [],
      answer: { kind: "done", message: `${message}.` },
    },
  );
}

import type { CommandIntent } from "../../intent.ts";
import { verdict, type Verdict } from "../verdict.ts";
import { decideCancel } from "./cancel.ts";
import type { AskedFacts, CommandFacts } from "./command-facts.ts";
import { decideDeploy } from "./deploy.ts";
import { refusal, refuseCommand } from "./refusal.ts";
import { decideResume } from "./resume.ts";
import { decideRetry } from "./retry.ts";
import { maySay, turnAway } from "./roles.ts";
import { decideRollback } from "./rollback.ts";

/** The verdict on one line of a comment: first who wrote it, then the line, then what it asks for. Pure. */
export function decideCommand(intent: CommandIntent, facts: CommandFacts): Verdict {
  const { asked } = intent;
  if (!maySay(intent, facts.role)) return turnAway(intent, facts);
  if (asked.kind === "reply") {
    const { code, message, suggestion } = asked;
    return refuseCommand(intent, refusal(code, message, SEE_HELP, suggestion));
  }
  return decideAsked(intent, facts.asked);
}

const SEE_HELP = "`/help` shows the commands.";

function decideAsked(intent: CommandIntent, facts: AskedFacts): Verdict {
  switch (facts.kind) {
    case "not_looked_up":
      // Never meant to be reached; nothing is done on facts that are not there.
      return verdict({ kind: "ignored", code: "internal", message: "nothing is known", intent });
    case "refused":
      return refuseCommand(intent, facts.refusal);
    case "shown":
      return verdict({ kind: "accepted", intent }, { answer: facts });
    case "deploy":
      return decideDeploy(intent, facts);
    case "rollback":
      return decideRollback(intent, facts);
    case "resume":
      return decideResume(intent, facts);
    case "cancel":
      return decideCancel(intent, facts);
    case "retry":
      return decideRetry(intent, facts);
  }
}

import type { Verb } from "../../command.ts";
import type { CommandIntent } from "../../intent.ts";
import { ROLES, type Role } from "../ports.ts";
import { ignoring, refusal, verdict, type Verdict } from "../verdict.ts";
import { refusal as refusalWith, refuseCommand } from "./refusal.ts";

const DOING: Readonly<Record<Verb, { readonly words: string; readonly needs: Role }>> = {
  deploy: { words: "deploying", needs: "write" },
  rollback: { words: "rolling back", needs: "write" },
  resume: { words: "resuming", needs: "write" },
  cancel: { words: "cancelling", needs: "write" },
  retry: { words: "retrying", needs: "write" },
  status: { words: "asking for the status", needs: "triage" },
  history: { words: "asking for the history", needs: "triage" },
  help: { words: "asking for help", needs: "triage" },
};

/** Whether a role is at least another; whatever is no role is less than all. */
export function isAtLeast(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Whether a role lets a person say this line. A line that is no command is answered to those who may read. */
export function maySay({ asked }: CommandIntent, role: Role): boolean {
  const needed = asked.kind === "reply" ? "triage" : DOING[asked.command.verb].needs;
  return isAtLeast(role, needed);
}

/** Why somebody may not do what a verb says: the rule, and the role that is too little. */
export function describeRule(verb: Verb, actor: string, role: Role): string {
  const { words, needs } = DOING[verb];
  return `${words} needs ${needs} access; ${actor} has ${role}`;
}

/**
 * The verdict on a line of somebody who may not say it: the rule once on each pull request, then a reaction only.
 * Their mistyped lines are left alone.
 */
export function turnAway(
  intent: CommandIntent,
  { role, wasTurnedAway }: { readonly role: Role; readonly wasTurnedAway: boolean },
): Verdict {
  const { asked, actor } = intent;
  if (asked.kind === "reply") {
    const message = `mistyped commands are answered to people with triage access; ${actor} has ${role}`;
    return ignoring(intent, "not_authorized", message);
  }
  const { verb } = asked.command;
  const message = describeRule(verb, actor, role);
  if (wasTurnedAway) {
    const outcome = refusal(intent, "not_authorized", message);
    return verdict(outcome, { answer: { kind: "unanswered" } });
  }
  const helper = `Ask somebody with ${DOING[verb].needs} access to this repository.`;
  return refuseCommand(intent, refusalWith("not_authorized", message, helper));
}

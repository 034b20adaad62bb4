import { quote } from "../../commands/quote.ts";
import type { CommandIntent, RollBackIntent } from "../../intent.ts";
import { planDeployment, refuseStack } from "../plan-deployment.ts";
import type { Role } from "../ports.ts";
import { ignoring, refusal as refusalOf, verdict, type Verdict } from "../verdict.ts";
import type { RollbackFacts } from "./command-facts.ts";
import { deployLine } from "./command-lines.ts";
import { refusal, refuseCommand, type Refusal } from "./refusal.ts";
import { describeRule, isAtLeast } from "./roles.ts";

/** What the "Roll back" button is decided on. */
export interface RollBackButtonFacts {
  /** Of who pressed it. */
  readonly role: Role;
  /** Null when the check run belongs to no deployment. */
  readonly asked: RollbackFacts | { readonly kind: "refused"; readonly refusal: Refusal } | null;
}

/** The verdict on `/rollback`: a deployment of the earlier release, with which the environment is held. Pure. */
export function decideRollback(intent: CommandIntent, facts: RollbackFacts): Verdict {
  const refused = refuseImage(facts);
  if (refused) return refuseCommand(intent, refused);
  return { ...goBack(intent, facts), answer: { kind: "made" } };
}

/** The verdict on a press of "Roll back": as the command. Pure. */
export function decideRollBackButton(intent: RollBackIntent, facts: RollBackButtonFacts): Verdict {
  const { asked, role } = facts;
  if (asked === null) {
    return ignoring(intent, "event_ignored", "the check run belongs to no deployment of Skep");
  }
  if (!isAtLeast(role, "write")) {
    const message = describeRule("rollback", intent.actor, role);
    return verdict(refusalOf(intent, "not_authorized", message));
  }
  const refuse = ({ code, message }: Refusal): Verdict => verdict(refusalOf(intent, code, message));
  if (asked.kind === "refused") return refuse(asked.refusal);
  const gone = refuseImage(asked);
  return gone ? refuse(gone) : goBack(intent, asked);
}

/** That the image of a release is gone, and how to have it again. */
export function imageGone(about: {
  readonly environment: string;
  readonly version: string;
  readonly sha: string;
}): Refusal {
  const { environment, version, sha } = about;
  return refusal(
    "image_gone",
    `the image of ${quote(version)} is not on the engine any more, or is another one`,
    `\`/deploy ${environment} at ${sha}\` builds it anew.`,
    deployLine(environment, sha),
  );
}

function refuseImage({ target, place, hasImage }: RollbackFacts): Refusal | null {
  const { version, sha } = target.release;
  return hasImage ? null : imageGone({ environment: place.environment.name, version, sha });
}

function goBack(intent: CommandIntent | RollBackIntent, facts: RollbackFacts): Verdict {
  const { repository, actor } = intent;
  const { app, environment, policySha, ownsStack } = facts.place;
  const { release, deployment } = facts.target;
  const { ref, sha, title, version } = deployment;
  const planned = planDeployment({
    origin:
      intent.kind === "command"
        ? { kind: "comment", pullRequest: intent.comment.number }
        : { kind: "check_run", pullRequest: null },
    repository,
    app,
    environment,
    ref,
    sha,
    title,
    version,
    actor,
    policySha,
    warnings: [],
    but: { kind: "rollback", releaseId: release.id },
  });
  if (!ownsStack) {
    const message = "the stack belongs to another environment";
    const outcome = refusalOf(intent, "stack_not_owned", message);
    return verdict(outcome, { deployments: [refuseStack(planned)] });
  }
  const key = { repositoryId: repository.id, app, environment: environment.name };
  const holds = [{ environment: key, hold: { by: actor, version } }];
  return verdict({ kind: "accepted", intent }, { deployments: [planned], holds });
}

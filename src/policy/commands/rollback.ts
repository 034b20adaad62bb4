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

/** That images of a release are gone, those of these services, and how to have them again. */
export function imageGone(
  about: {
    readonly app: string;
    readonly environment: string;
    readonly version: string;
    readonly sha: string;
  },
  services: readonly string[],
): Refusal {
  const { app, environment, version, sha } = about;
  const isOne = services.length === 1;
  const rest = services.length - MOST_NAMED;
  const more = rest > 0 ? ` and ${rest} more` : "";
  const named = `${services.slice(0, MOST_NAMED).map(quote).join(", ")}${more}`;
  // A lone service is called as its app.
  const whose = isOne && services[0] === app ? quote(version) : `${named} in ${quote(version)}`;
  return refusal(
    "image_gone",
    isOne
      ? `the image of ${whose} is not on the engine any more, or is another one`
      : `the images of ${whose} are not on the engine any more, or are others`,
    `\`/deploy ${environment} at ${sha}\` builds ${isOne ? "it" : "them"} anew.`,
    deployLine(environment, sha),
  );
}

const MOST_NAMED = 5;

function refuseImage({ target, place, goneImages }: RollbackFacts): Refusal | null {
  if (goneImages.length === 0) return null;
  const { version, sha } = target.release;
  const { app, environment } = place;
  return imageGone({ app, environment: environment.name, version, sha }, goneImages);
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

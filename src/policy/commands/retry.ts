import type { Deployment, Origin } from "../../deployment.ts";
import { isFinal } from "../../deployment.ts";
import type { CommandIntent, RetryIntent } from "../../intent.ts";
import type { Place } from "../known-places.ts";
import { refuseStack } from "../plan-deployment.ts";
import type { Role } from "../ports.ts";
import { ignoring, refusal as refusalOf, verdict, type Verdict } from "../verdict.ts";
import { deployLine } from "./command-lines.ts";
import type { RetryCommandFacts } from "./command-facts.ts";
import { nameDeployment } from "./name-deployment.ts";
import { notInPolicy, refusal, refuseCommand, type Refusal } from "./refusal.ts";
import { describeRule, isAtLeast } from "./roles.ts";
import { imageGone } from "./rollback.ts";

/** What the "Retry" button is decided on. */
export interface RetryFacts {
  readonly deployment: Deployment | null;
  /** Of who pressed the button. */
  readonly role: Role;
  /** Where it was deployed, as the policy says now; null when that has no such place, or was not looked up. */
  readonly place: Place | null;
  /** Services of its release whose image is gone, when it is a rollback. */
  readonly goneImages: readonly string[];
}

/** The verdict on `/retry`: the environment's last attempt again, when nothing came of it. Pure. */
export function decideRetry(intent: CommandIntent, facts: RetryCommandFacts): Verdict {
  const { newest, place, goneImages } = facts;
  const environment = place.environment.name;
  const refused = refuseNewest(newest, environment);
  if (refused || newest === null) return refuseCommand(intent, refused ?? nothing(environment));
  const stays = refuseAgain(newest, goneImages);
  if (stays) return refuseCommand(intent, stays);
  const origin = { kind: "comment" as const, pullRequest: intent.comment.number };
  return { ...again(intent, { deployment: newest, origin, place }), answer: { kind: "made" } };
}

/** The verdict on a press of "Retry" on the check run of a finished deployment. Pure. */
export function decideRetryButton(intent: RetryIntent, facts: RetryFacts): Verdict {
  const { deployment, role, place } = facts;
  if (deployment === null || deployment.repository.id !== intent.repository.id) {
    return ignoring(intent, "event_ignored", "the check run belongs to no deployment of Skep");
  }
  if (!isAtLeast(role, "write")) {
    const message = describeRule("retry", intent.actor, role);
    return verdict(refusalOf(intent, "not_authorized", message));
  }
  if (!isFinal(deployment.state)) {
    return ignoring(intent, "event_ignored", "the deployment is not over yet");
  }
  const { app, environment } = deployment;
  if (place === null) return refuseButton(intent, notInPolicy(app, environment));
  const stays = refuseAgain(deployment, facts.goneImages);
  if (stays) return refuseButton(intent, stays);
  const origin = { kind: "check_run" as const, pullRequest: null };
  return again(intent, { deployment, origin, place });
}

function refuseButton(intent: RetryIntent, { code, message }: Refusal): Verdict {
  return verdict(refusalOf(intent, code, message));
}

function nothing(environment: string): Refusal {
  const message = `nothing was deployed in ${environment} yet`;
  return refusal("nothing_to_retry", message, deployOnPurpose(environment));
}

function refuseNewest(newest: Deployment | null, environment: string): Refusal | null {
  if (newest === null) return nothing(environment);
  const name = `${nameDeployment(newest)} in ${environment}`;
  if (newest.state === "succeeded") {
    const message = `${name} succeeded, and nothing came after it`;
    return refusal("nothing_to_retry", message, deployOnPurpose(environment));
  }
  if (isFinal(newest.state)) return null;
  const nextStep = `\`/status ${environment}\` shows how it stands.`;
  return refusal("nothing_to_retry", `${name} is not over yet`, nextStep);
}

function deployOnPurpose(environment: string): string {
  return `\`/deploy ${environment}\` deploys on purpose.`;
}

/** What would be refused again is refused at once. */
function refuseAgain(deployment: Deployment, goneImages: readonly string[]): Refusal | null {
  const { state, kind, environment, sha, failure } = deployment;
  if (kind === "rollback" && goneImages.length > 0) return imageGone(deployment, goneImages);
  if (state !== "refused") return null;
  const code = failure?.code ?? "config_invalid";
  if (code === "config_invalid") {
    const message = "a refused commit stays refused: push a commit that mends it";
    return refusal(code, message, "Mend the marked lines and push again.");
  }
  const message = `${nameDeployment(deployment)} was refused, and stays so`;
  return refusal(
    code,
    message,
    `Once its reason is gone: \`/deploy ${environment} at ${sha}\`.`,
    deployLine(environment, sha),
  );
}

/**
 * The same commit, or the same release for a rollback, where the policy of now wants it. Only what was asked for on
 * purpose touches the hold again.
 */
function again(
  intent: CommandIntent | RetryIntent,
  about: { readonly deployment: Deployment; readonly origin: Origin; readonly place: Place },
): Verdict {
  const { actor, repository } = intent;
  const { deployment, origin, place } = about;
  const { app, environment, version, kind } = deployment;
  const isRollback = kind === "rollback";
  const planned = {
    ...deployment,
    origin,
    // It may be called otherwise by now, or be another account's.
    repository,
    policySha: place.policySha,
    stackName: place.environment.stackName,
    environmentUrl: place.environment.url,
    headOf: null,
    actor,
    state: "queued" as const,
    releaseId: isRollback ? deployment.releaseId : null,
    githubDeploymentId: null,
    waitingFor: null,
    failure: null,
  };
  if (!place.ownsStack) {
    const message = "the stack belongs to another environment";
    const outcome = refusalOf(intent, "stack_not_owned", message);
    return verdict(outcome, { deployments: [refuseStack(planned)] });
  }
  const key = { repositoryId: repository.id, app, environment };
  const isOnPurpose = isRollback || deployment.origin.kind === "comment";
  const hold = isRollback ? { by: actor, version } : null;
  const holds = isOnPurpose ? [{ environment: key, hold }] : [];
  return verdict({ kind: "accepted", intent }, { deployments: [planned], holds });
}

import type { Annotation, Hold } from "../../deployment.ts";
import type { ErrorCode } from "../../errors.ts";
import type { GitHubDeploymentIntent } from "../../intent.ts";
import type { Resolved } from "../../source/ports.ts";
import type { Place } from "../known-places.ts";
import { isAtLeast } from "../commands/roles.ts";
import { planDeployment, refuseConfig, refuseStack } from "../plan-deployment.ts";
import type { Role } from "../ports.ts";
import { ignoring, refusal, verdict, type PlannedDeployment, type Verdict } from "../verdict.ts";

/** What a GitHub deployment of somebody else is decided on. */
export type GitHubDeploymentFacts =
  /** None of our environments has its name. */
  | { readonly kind: "elsewhere" }
  | {
      readonly kind: "ours";
      readonly place: Place;
      /** Of who made it. */
      readonly role: Role;
      /** What its SHA is in the repository; null when that was not looked up, because the role decides. */
      readonly commit: Resolved | null;
      /** The full name of the branch or tag that it was made for, as far as that still names the commit. */
      readonly ref: string | null;
      /** Whether one that was made after it was let through here already: webhooks come in any order, and late. */
      readonly isOvertaken: boolean;
      /** What keeps automatic deployments away. */
      readonly hold: Hold | null;
      /** Problems of the configuration; when there are any, nothing is deployed. */
      readonly problems: readonly Annotation[];
      /** Remarks on the configuration that stop nothing. */
      readonly warnings: readonly Annotation[];
    };

type OursFacts = Extract<GitHubDeploymentFacts, { kind: "ours" }>;

const SHORT = 7;
const LONGEST_TITLE = 200;

/**
 * The verdict on a GitHub deployment that somebody else made. It moves nothing that pushes and tags are compared with. A
 * person's is meant, like `/deploy`, so it lifts a hold; a program's waits for it, because workflows make one with each
 * push. A refusal is reported on that very GitHub deployment. Pure.
 */
export function decideGitHubDeployment(
  intent: GitHubDeploymentIntent,
  facts: GitHubDeploymentFacts,
): Verdict {
  if (facts.kind === "elsewhere") {
    const message = "no environment of .github/skep.yml has the name that the deployment has";
    return ignoring(intent, "environment_unknown", message);
  }
  const { place, hold } = facts;
  const { repository, isBot } = intent;
  const planned = plan(intent, facts);
  const why = findRefusal(intent, facts);
  if (why) return refuse(intent, planned, why);
  if (facts.problems.length > 0) {
    const outcome = refusal(intent, "config_invalid", "the configuration has problems");
    return verdict(outcome, { deployments: [refuseConfig(planned, facts.problems)] });
  }
  if (!place.ownsStack) {
    const outcome = refusal(intent, "stack_not_owned", "the stack belongs to another environment");
    return verdict(outcome, { deployments: [refuseStack(planned)] });
  }
  if (isBot && hold !== null) {
    const waiting: PlannedDeployment = { ...planned, state: "waiting", waitingFor: hold };
    return verdict({ kind: "accepted", intent }, { deployments: [waiting] });
  }
  const environment = {
    repositoryId: repository.id,
    app: place.app,
    environment: place.environment.name,
  };
  return verdict(
    { kind: "accepted", intent },
    { deployments: [planned], holds: [{ environment, hold: null }] },
  );
}

/** Why a GitHub deployment is not carried out. */
interface Why {
  readonly code: ErrorCode;
  readonly message: string;
  readonly nextStep: string;
}

function findRefusal({ actor, sha }: GitHubDeploymentIntent, facts: OursFacts): Why | null {
  const { place, role, commit, isOvertaken } = facts;
  if (!isAtLeast(role, "write")) {
    return {
      code: "not_authorized",
      message: `deploying needs write access; ${actor} has ${role}`,
      nextStep: "Ask somebody with write access to this repository.",
    };
  }
  if (commit?.kind !== "found") {
    return {
      code: "commit_not_in_repository",
      message: `commit ${sha} is in no branch and no tag of this repository; it may be a fork's`,
      nextStep: "Push the commit to a branch of this repository, and deploy that.",
    };
  }
  if (!isOvertaken) return null;
  return {
    code: "superseded",
    message: `a newer GitHub deployment to ${place.environment.name} was heard of before this one`,
    nextStep: "Make a new one, if it should be deployed all the same.",
  };
}

function refuse(
  intent: GitHubDeploymentIntent,
  planned: PlannedDeployment,
  { code, message, nextStep }: Why,
): Verdict {
  const failure = {
    code,
    phase: null,
    summary: message,
    evidence: [],
    nextStep,
    annotations: [],
  };
  const refused: PlannedDeployment = { ...planned, state: "refused", failure };
  return verdict(refusal(intent, code, message), { deployments: [refused] });
}

function plan(intent: GitHubDeploymentIntent, facts: OursFacts): PlannedDeployment {
  const { repository, actor, sha, description, githubDeploymentId } = intent;
  const { place, commit, ref, warnings } = facts;
  const tag = ref === null ? undefined : /^refs\/tags\/(.+)$/u.exec(ref)?.[1];
  const [about = ""] = description.split("\n", 1);
  return planDeployment({
    origin: { kind: "github_deployment", pullRequest: null },
    repository,
    app: place.app,
    environment: place.environment,
    actor,
    ref: ref ?? sha,
    sha,
    title: commit?.kind === "found" ? commit.title : about.slice(0, LONGEST_TITLE),
    version: tag ?? sha.slice(0, SHORT),
    policySha: place.policySha,
    warnings,
    but: { githubDeploymentId },
  });
}

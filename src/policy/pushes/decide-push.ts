import type { Annotation } from "../../deployment.ts";
import type { PushIntent } from "../../intent.ts";
import type { EnvironmentKey } from "../../store/ports.ts";
import { deployTo, type Target } from "../deploy-to.ts";
import { planDeployment } from "../plan-deployment.ts";
import { ignoring, type PlannedDeployment, type Verdict } from "../verdict.ts";

/** An environment that the pushed branch deploys to, with what the decision turns on. */
export interface EnvironmentFacts extends Target {
  /** Newest commit with an outcome here. */
  readonly decidedSha: string | null;
  /** Whether the pushed commit is an ancestor of `decidedSha`; not looked up when the push replaces just that. */
  readonly isBehindDecided: boolean;
  /** Whether anything the app is made of differs from `decidedSha`. */
  readonly hasChanged: boolean;
}

/** What a push is decided on. */
export interface PushFacts {
  readonly app: string;
  readonly policySha: string;
  /**
   * Where the commit stands in its branch by now: at its head, behind it, or nowhere since somebody rewrote the branch.
   * Only the default branch is looked at.
   */
  readonly place: "head" | "behind" | "gone" | "unknown";
  readonly environments: readonly EnvironmentFacts[];
  /** Problems of the configuration; when there are any, nothing is deployed. */
  readonly problems: readonly Annotation[];
  /** Remarks on the configuration that stop nothing. */
  readonly warnings: readonly Annotation[];
}

/** The verdict on a push: a deployment for each environment that wants the commit, or why not. Pure. */
export function decidePush(intent: PushIntent, facts: PushFacts): Verdict {
  const branch = intent.ref.replace(/^refs\/heads\//, "");
  if (facts.environments.length === 0) {
    return ignoring(
      intent,
      "branch_not_deployed",
      `no environment is deployed on a push to ${branch}`,
    );
  }
  if (facts.place === "gone") {
    const message = `${branch} was rewritten since, and does not have this commit any more`;
    return ignoring(intent, "superseded", message);
  }
  const stale = ({ decidedSha, isBehindDecided }: EnvironmentFacts): boolean =>
    decidedSha === intent.sha ||
    // A forced push may go back to an older commit; a late delivery of another push must not.
    (isBehindDecided &&
      !(intent.isForced && facts.place === "head") &&
      intent.before !== decidedSha);
  const fresh = facts.environments.filter((environment) => !stale(environment));
  if (fresh.length === 0) {
    return ignoring(
      intent,
      "commit_already_decided",
      "this commit or a newer one was decided before",
    );
  }
  const decided = fresh.map(({ name }) => keyOf(intent, facts.app, name));
  const moves = { decided, decidedSha: intent.sha, decidedVersion: null };
  const { problems } = facts;
  const targets = problems.length > 0 ? fresh : fresh.filter(({ hasChanged }) => hasChanged);
  if (targets.length === 0) {
    const message = "the push touches nothing that the app is made of";
    return { ...ignoring(intent, "path_unchanged", message), ...moves };
  }
  return deployTo(intent, {
    targets,
    plan: (target) => plan(intent, facts, target),
    problems,
    moves,
  });
}

function keyOf(intent: PushIntent, app: string, environment: string): EnvironmentKey {
  return { repositoryId: intent.repository.id, app, environment };
}

function plan(
  intent: PushIntent,
  facts: PushFacts,
  environment: EnvironmentFacts,
): PlannedDeployment {
  const { repository, ref, sha, title, actor } = intent;
  const { app, policySha, warnings } = facts;
  return planDeployment({
    origin: { kind: "push", pullRequest: null },
    repository,
    app,
    environment,
    ref,
    sha,
    title,
    actor,
    version: sha.slice(0, 7),
    policySha,
    warnings,
  });
}

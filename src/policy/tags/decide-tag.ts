import type { Annotation } from "../../deployment.ts";
import type { TagIntent } from "../../intent.ts";
import { deployTo, type Target } from "../deploy-to.ts";
import { planDeployment } from "../plan-deployment.ts";
import { ignoring, refusal, verdict, type PlannedDeployment, type Verdict } from "../verdict.ts";
import { isOlderVersion } from "./version-order.ts";

/** An environment that the tag deploys to, with what the decision turns on. */
export interface TagTarget extends Target {
  /** Newest commit with an outcome here. */
  readonly decidedSha: string | null;
  /** Newest tag with an outcome here. */
  readonly decidedVersion: string | null;
  /** Whether pushes deploy here as well, and `decidedSha` came after the tag's commit. */
  readonly isBehindDecided: boolean;
}

/** What a tag is decided on. */
export interface TagFacts {
  readonly app: string;
  readonly policySha: string;
  /** The commit that the tag names now. */
  readonly sha: string;
  /** First line of its message; hostile text. */
  readonly title: string;
  readonly environments: readonly TagTarget[];
  /** Problems of the configuration; when there are any, nothing is deployed. */
  readonly problems: readonly Annotation[];
  /** Remarks on the configuration that stop nothing. */
  readonly warnings: readonly Annotation[];
}

/** The verdict on a new tag or release: a deployment for each environment that wants it, or why not. Pure. */
export function decideTag(intent: TagIntent, facts: TagFacts): Verdict {
  const { tag, cause } = intent;
  const { sha, problems } = facts;
  if (facts.environments.length === 0) {
    if (problems.length > 0)
      return verdict(refusal(intent, "config_invalid", "the configuration has problems"));
    const what = cause === "release" ? "releases" : `the tag ${tag}`;
    return ignoring(intent, "tag_not_deployed", `no environment is deployed on ${what}`);
  }
  const undecided = facts.environments.filter((target) => !isDecided(target, tag, sha));
  if (undecided.length === 0) {
    const message = "this tag was decided before, at this commit or a newer one";
    return ignoring(intent, "commit_already_decided", message);
  }
  const fresh = undecided.filter(({ decidedVersion }) => !isOutdated(tag, decidedVersion));
  if (fresh.length === 0) {
    const [newest] = undecided;
    const message = `${tag} is older than ${newest?.decidedVersion}, which was decided before`;
    return ignoring(intent, "version_outdated", message);
  }
  const { id: repositoryId } = intent.repository;
  const decided = fresh.map(({ name }) => ({ repositoryId, app: facts.app, environment: name }));
  return deployTo(intent, {
    targets: fresh,
    plan: (target) => plan(intent, facts, target),
    problems,
    moves: { decided, decidedSha: sha, decidedVersion: tag },
  });
}

/** A tag that was pushed and then released is one wish. One that was moved is a new one. */
function isDecided(target: TagTarget, tag: string, sha: string): boolean {
  if (target.decidedVersion !== tag) return false;
  return target.decidedSha === sha || target.isBehindDecided;
}

function isOutdated(tag: string, decidedVersion: string | null): boolean {
  return decidedVersion !== null && isOlderVersion(tag, decidedVersion);
}

function plan(intent: TagIntent, facts: TagFacts, environment: TagTarget): PlannedDeployment {
  const { repository, actor, tag, cause } = intent;
  const { app, policySha, sha, title, warnings } = facts;
  return planDeployment({
    origin: { kind: cause === "release" ? "release" : "tag", pullRequest: null },
    repository,
    app,
    environment,
    ref: `refs/tags/${tag}`,
    sha,
    title,
    actor,
    version: tag,
    policySha,
    warnings,
  });
}

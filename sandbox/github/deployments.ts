import { findBlockingContexts } from "./deployment-gates.ts";
import { formatDeployment } from "./format/deployment.ts";
import { resolveCommit, tryGit } from "./git.ts";
import { gitDirectory, nextId, timestamp } from "./hub.ts";
import type { Deployment, Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** A deployment that somebody asks for, with GitHub's defaults filled in. */
export interface NewDeployment {
  /** A branch, a tag or a commit. */
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly description: string | null;
  readonly payload: Deployment["payload"];
  /** Merges the default branch into a branch that lacks some of it, and deploys nothing. */
  readonly autoMerge: boolean;
  /** Undefined: every check and status of the commit must be good. */
  readonly requiredContexts: readonly string[] | undefined;
  readonly isTransient: boolean;
  readonly isProduction: boolean;
}

/** What came of it. */
export type DeploymentOutcome =
  | { readonly kind: "created"; readonly deployment: Deployment }
  | { readonly kind: "merged"; readonly message: string }
  | { readonly kind: "refused"; readonly status: 409 | 422; readonly message: string };

/** Makes a deployment and tells the App, or says why not. */
export async function addDeployment(
  hub: LiveHub,
  {
    repository,
    creator,
    asked,
  }: { readonly repository: Repository; readonly creator: string; readonly asked: NewDeployment },
): Promise<DeploymentOutcome> {
  const directory = gitDirectory(hub, repository);
  const { ref } = asked;
  const sha = await resolveCommit(directory, ref);
  if (sha === undefined)
    return { kind: "refused", status: 422, message: `No ref found for: ${ref}` };
  if (asked.autoMerge && (await isBehind(directory, repository, ref, sha))) {
    // GitHub would now merge the default branch into the ref and create nothing.
    const message = `Auto-merged ${repository.defaultBranch} into ${ref} on deployment.`;
    return { kind: "merged", message };
  }
  const required = asked.requiredContexts;
  const blocking = findBlockingContexts(hub, { repository, sha, required });
  if (blocking.length > 0) {
    const message = `Conflict: Commit status checks failed for ${ref}: ${blocking.join(", ")}`;
    return { kind: "refused", status: 409, message };
  }
  const { autoMerge: _merge, requiredContexts: _required, ...kept } = asked;
  const now = timestamp(hub.now());
  const own = { id: nextId(hub), repositoryId: repository.id, sha, creator };
  const deployment: Deployment = { ...kept, ...own, createdAt: now, updatedAt: now };
  hub.state.deployments.push(deployment);
  hub.changed();
  const formatted = formatDeployment(hub, repository, deployment);
  const payload = { action: "created", deployment: formatted, workflow: null, workflow_run: null };
  hub.emit({ event: "deployment", repository, sender: creator, payload });
  return { kind: "created", deployment };
}

/** Whether a branch lacks commits of the default branch; a bare commit or a tag cannot be merged into. */
async function isBehind(
  directory: string,
  repository: Repository,
  ref: string,
  sha: string,
): Promise<boolean> {
  const branch = ref.replace(/^refs\/heads\//, "");
  if (branch === repository.defaultBranch) return false;
  const isBranch = await tryGit(directory, ["show-ref", "--verify", `refs/heads/${branch}`]);
  const head = await resolveCommit(directory, repository.defaultBranch);
  if (isBranch === undefined || head === undefined) return false;
  return (await tryGit(directory, ["merge-base", "--is-ancestor", head, sha])) === undefined;
}

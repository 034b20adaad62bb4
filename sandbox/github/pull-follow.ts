import { shareObjects } from "./fork.ts";
import { zeroSha } from "./git.ts";
import { gitDirectory } from "./hub.ts";
import { noteEvent } from "./issues.ts";
import { isPullRequest, isReachable, type PullRequest, testMerge } from "./pull-refs.ts";
import { closePull, markMerged, pullsOf, synchronizePull } from "./pulls.ts";
import type { Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** A push as pull requests see it: which refs moved, and who moved them. */
export interface FollowedPush {
  readonly repository: Repository;
  readonly pusher: string;
  readonly changes: readonly {
    readonly ref: string;
    readonly before: string;
    readonly after: string;
  }[];
}

/** Lets pull requests follow a push: their heads move, and what the base has gained counts as merged. */
export async function followPush(hub: LiveHub, push: FollowedPush): Promise<void> {
  const { repository, pusher, changes } = push;
  await shareObjects(hub, repository);
  for (const { ref, before, after } of changes) {
    if (!ref.startsWith("refs/heads/")) continue;
    const branch = ref.slice("refs/heads/".length);
    const move = { repository, branch, before, after, pusher };
    for (const request of headsAt(hub, move)) await followHead(hub, request, move);
    for (const request of pullsOf(hub, repository)) await followBase(hub, request, move);
  }
}

interface BranchMove {
  readonly repository: Repository;
  readonly branch: string;
  readonly before: string;
  readonly after: string;
  readonly pusher: string;
}

/** Pull requests from a branch, in whichever repository they were opened. */
function headsAt(hub: LiveHub, { repository, branch }: BranchMove): PullRequest[] {
  return hub.state.issues
    .filter(isPullRequest)
    .filter(({ pull }) => pull.headRepositoryId === repository.id && pull.headBranch === branch);
}

async function followHead(hub: LiveHub, request: PullRequest, move: BranchMove): Promise<void> {
  const base = hub.state.repositories.find((one) => one.id === request.repositoryId);
  if (!base) return;
  const isGone = move.after === zeroSha;
  if (isGone) noteEvent(hub, request, { kind: "branch_deleted", actor: move.pusher });
  if (request.state === "closed") return;
  // A pull request opened while this push was under way stands there already.
  if (request.pull.headSha === move.after) return;
  if (isGone) return closePull(hub, base, request, move.pusher);
  const directory = gitDirectory(hub, base);
  await synchronizePull(hub, base, request, {
    sha: move.after,
    isForced: !(await isReachable(directory, request.pull.headSha, move.after)),
    sender: move.pusher,
  });
}

async function followBase(hub: LiveHub, request: PullRequest, move: BranchMove): Promise<void> {
  if (request.state === "closed" || request.pull.baseBranch !== move.branch) return;
  const { repository, pusher: sender } = move;
  if (move.after === zeroSha) return closePull(hub, repository, request, sender);
  const directory = gitDirectory(hub, repository);
  if (await isReachable(directory, request.pull.headSha, move.after))
    return markMerged(hub, repository, request, { sha: move.after, sender });
  await testMerge(hub, repository, request);
}

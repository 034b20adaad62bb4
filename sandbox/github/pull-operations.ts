import { findInNetwork } from "./fork.ts";
import { git } from "./git.ts";
import type { Turns } from "./git-http.ts";
import { gitDirectory } from "./hub.ts";
import { requireActor, requireIssue } from "./issue-operations.ts";
import { type MergeMethod, mergePull } from "./pull-merge.ts";
import { isPullRequest, type PullRequest } from "./pull-refs.ts";
import { addPull, closePull, editPull, pullsOf, reopenPull, setDraft } from "./pulls.ts";
import { watchRefs } from "./push-events.ts";
import { requireRepository, type RepositoryName } from "./repository-name.ts";
import type { Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** A pull request named by its number; the repository's owner acts when nobody is named. */
export interface PullUse extends RepositoryName {
  readonly number: number;
  readonly user?: string;
}

/** A pull request to be opened from a branch. */
export interface PullOpening extends RepositoryName {
  /** `branch`, or `owner:branch` for a fork's. */
  readonly head: string;
  /** The default branch when left out. */
  readonly base?: string;
  readonly title?: string;
  readonly body?: string;
  readonly draft?: boolean;
  /** Whoever owns the head's repository when left out. */
  readonly user?: string;
}

/** What people do with pull requests; pushes to a head branch synchronize them by themselves. */
export interface PullOperations {
  /** Opens a pull request, with `pull_request.opened`. */
  openPullRequest(use: PullOpening): Promise<PullRequest>;
  /** Closes without merging. */
  closePullRequest(use: PullUse): Promise<void>;
  reopenPullRequest(use: PullUse): Promise<void>;
  /** Changes title, text or base branch, with `pull_request.edited`. */
  editPullRequest(
    use: PullUse & { readonly title?: string; readonly body?: string; readonly base?: string },
  ): Promise<void>;
  setDraft(use: PullUse & { readonly draft: boolean }): Promise<void>;
  /** Merges: pushes the base branch, closes, and deletes the head branch when asked. Returns what the base became. */
  mergePullRequest(
    use: PullUse & { readonly method?: MergeMethod; readonly deleteBranch?: boolean },
  ): Promise<{ readonly sha: string }>;
  /** Deletes a branch, as its button on a merged pull request does; closes the open ones from it. */
  deleteBranch(
    use: RepositoryName & { readonly branch: string; readonly user?: string },
  ): Promise<void>;
  /** Oldest first. */
  pullRequests(use: RepositoryName): PullRequest[];
}

/** Creates the operations on pull requests over a hub. */
export function createPullOperations(hub: LiveHub, turns: Turns): PullOperations {
  const find = (use: PullUse) => requirePull(hub, use);
  return {
    openPullRequest: (use) => openPull(hub, turns, use),
    closePullRequest: (use) => {
      const { repository, head, request, sender } = find(use);
      return inTurn(turns, head, () => closePull(hub, repository, request, sender));
    },
    reopenPullRequest: (use) => {
      const { repository, head, request, sender } = find(use);
      return inTurn(turns, head, () => reopenPull(hub, repository, request, { head, sender }));
    },
    editPullRequest: (use) => {
      const { repository, head, request, sender } = find(use);
      return inTurn(turns, head, () => editPull(hub, repository, request, { ...use, sender }));
    },
    setDraft: (use) => {
      const { repository, head, request, sender } = find(use);
      const wanted = { isDraft: use.draft, sender };
      return inTurn(turns, head, () => setDraft(hub, repository, request, wanted));
    },
    mergePullRequest: async (use) => {
      const { head, sender, ...place } = find(use);
      const { method = "merge", deleteBranch = false } = use;
      // A push under way to a fork comes first; within one repository the merge itself waits its turn.
      await turns.run(head.id, async () => {});
      const sha = await mergePull(hub, turns, place, { method, sender });
      const gone = { repository: head, branch: place.request.pull.headBranch, pusher: sender };
      if (deleteBranch) await removeBranch(hub, turns, gone);
      return { sha };
    },
    deleteBranch: (use) => {
      const repository = requireRepository(hub, use);
      const pusher = requireActor(hub, use.user ?? repository.owner);
      return removeBranch(hub, turns, { repository, branch: use.branch, pusher });
    },
    pullRequests: (use) => pullsOf(hub, requireRepository(hub, use)),
  };
}

function requirePull(hub: LiveHub, use: PullUse) {
  const repository = requireRepository(hub, use);
  const request = requireIssue(hub, repository, use.number);
  if (!isPullRequest(request)) throw new Error(`#${use.number} is not a pull request`);
  const { headRepositoryId } = request.pull;
  return {
    repository,
    head: hub.state.repositories.find((one) => one.id === headRepositoryId) ?? repository,
    request,
    sender: requireActor(hub, use.user ?? repository.owner),
  };
}

/** Waits until pushes under way to the head's repository are told, or their webhooks would come too late. */
function inTurn<T>(turns: Turns, head: Repository, job: () => Promise<T>): Promise<T> {
  return turns.run(head.id, job);
}

async function openPull(hub: LiveHub, turns: Turns, use: PullOpening): Promise<PullRequest> {
  const repository = requireRepository(hub, use);
  const [branch = "", owner = repository.owner] = use.head.split(":").toReversed();
  const head = findInNetwork(hub, repository, owner);
  if (!head)
    throw new Error(
      `opening a pull request: ${owner} has no fork of ${repository.owner}/${repository.name}`,
    );
  const wanted = {
    title: use.title ?? `Change ${branch}`,
    body: use.body ?? null,
    author: requireActor(hub, use.user ?? owner),
    head: { repository: head, branch },
    baseBranch: use.base ?? repository.defaultBranch,
    isDraft: use.draft ?? false,
  };
  return inTurn(turns, head, () => addPull(hub, repository, wanted));
}

async function removeBranch(
  hub: LiveHub,
  turns: Turns,
  {
    repository,
    branch,
    pusher,
  }: {
    readonly repository: Repository;
    readonly branch: string;
    readonly pusher: string;
  },
): Promise<void> {
  const act = () =>
    git(gitDirectory(hub, repository), ["update-ref", "-d", `refs/heads/${branch}`]);
  await turns.run(repository.id, () => watchRefs(hub, { repository, pusher }, act));
}

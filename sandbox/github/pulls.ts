import type { JsonObject } from "../contract/json-value.ts";
import { formatPullEvent } from "./format/pull.ts";
import { gitDirectory, nextId, timestamp } from "./hub.ts";
import type { IssueEvent, Pull } from "./issue-state.ts";
import { addIssue, noteEvent } from "./issues.ts";
import {
  isPullRequest,
  movePullRefs,
  type PullRequest,
  readBranch,
  removeTestMerge,
  testMerge,
} from "./pull-refs.ts";
import type { Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** What happened to a pull request, and who did it. */
export interface PullAction {
  readonly action: string;
  readonly sender: string;
  /** What the payload has besides the pull request. */
  readonly more?: JsonObject;
}

/** Sends a `pull_request` webhook. */
export async function emitPull(
  hub: LiveHub,
  repository: Repository,
  request: PullRequest,
  { action, sender, more = {} }: PullAction,
): Promise<void> {
  const pull = await formatPullEvent(hub, repository, request);
  const payload = { action, number: request.number, ...more, pull_request: pull };
  hub.emit({ event: "pull_request", repository, sender, payload });
}

/** The pull requests of a repository, oldest first. */
export function pullsOf(
  hub: Pick<LiveHub, "state">,
  repository: Pick<Repository, "id">,
): PullRequest[] {
  return hub.state.issues.filter(isPullRequest).filter((one) => one.repositoryId === repository.id);
}

/** A pull request to be opened. */
export interface NewPull {
  readonly title: string;
  readonly body: string | null;
  readonly author: string;
  readonly head: { readonly repository: Repository; readonly branch: string };
  readonly baseBranch: string;
  readonly isDraft: boolean;
}

/** Opens a pull request; sends `pull_request.opened`. Throws when a branch is missing. */
export async function addPull(
  hub: LiveHub,
  repository: Repository,
  wanted: NewPull,
): Promise<PullRequest> {
  const { head, baseBranch, isDraft, ...issue } = wanted;
  const headSha = await readBranch(gitDirectory(hub, head.repository), head.branch);
  const baseSha = await readBranch(gitDirectory(hub, repository), baseBranch);
  if (headSha === undefined || baseSha === undefined)
    throw new Error(
      `opening a pull request: there is no branch ${headSha ? baseBranch : head.branch}`,
    );
  if (headSha === baseSha)
    throw new Error(`opening a pull request: no commits between ${baseBranch} and ${head.branch}`);
  const isTaken = pullsOf(hub, repository).some(
    ({ state, pull }) =>
      state === "open" &&
      pull.headRepositoryId === head.repository.id &&
      pull.headBranch === head.branch &&
      pull.baseBranch === baseBranch,
  );
  if (isTaken) throw new Error(`opening a pull request: ${head.branch} has one already`);
  const pull: Pull = {
    id: nextId(hub),
    headRepositoryId: head.repository.id,
    headOwner: head.repository.owner,
    headBranch: head.branch,
    headSha,
    baseBranch,
    baseSha,
    isDraft,
    isMergeable: null,
    mergeSha: null,
    mergedAt: null,
    mergedBy: null,
  };
  const request: PullRequest = Object.assign(addIssue(hub, repository, issue), { pull });
  await movePullRefs(hub, repository, request);
  await emitPull(hub, repository, request, { action: "opened", sender: issue.author });
  return request;
}

/** Lets a pull request follow its head branch; sends `pull_request.synchronize`. */
export async function synchronizePull(
  hub: LiveHub,
  repository: Repository,
  request: PullRequest,
  move: { readonly sha: string; readonly isForced: boolean; readonly sender: string },
): Promise<void> {
  const { pull } = request;
  const before = pull.headSha;
  pull.headSha = move.sha;
  pull.baseSha = (await readBranch(gitDirectory(hub, repository), pull.baseBranch)) ?? pull.baseSha;
  const kind = move.isForced ? "force_pushed" : "pushed";
  noteEvent(hub, request, { kind, actor: move.sender, sha: move.sha });
  await movePullRefs(hub, repository, request);
  const more = { before, after: move.sha };
  await emitPull(hub, repository, request, { action: "synchronize", sender: move.sender, more });
}

/** Closes a pull request without merging it; sends `pull_request.closed`. */
export async function closePull(
  hub: LiveHub,
  repository: Repository,
  request: PullRequest,
  sender: string,
): Promise<void> {
  close(hub, request, { kind: "closed", actor: sender });
  await removeTestMerge(hub, repository, request);
  await emitPull(hub, repository, request, { action: "closed", sender });
}

/** Marks a pull request as merged and closes it; sends `pull_request.closed`. */
export async function markMerged(
  hub: LiveHub,
  repository: Repository,
  request: PullRequest,
  { sha, sender }: { readonly sha: string; readonly sender: string },
): Promise<void> {
  close(hub, request, { kind: "merged", actor: sender, sha });
  Object.assign(request.pull, {
    mergedAt: request.closedAt,
    mergedBy: sender,
    mergeSha: sha,
  });
  await removeTestMerge(hub, repository, request);
  await emitPull(hub, repository, request, { action: "closed", sender });
}

/** Opens a closed pull request again, at its branch's tip; sends `pull_request.reopened`. */
export async function reopenPull(
  hub: LiveHub,
  repository: Repository,
  request: PullRequest,
  { head, sender }: { readonly head: Repository; readonly sender: string },
): Promise<void> {
  const { pull } = request;
  const sha = await readBranch(gitDirectory(hub, head), pull.headBranch);
  const isThere = sha !== undefined && head.id === pull.headRepositoryId;
  if (!isThere || pull.mergedAt !== null)
    throw new Error(`reopening pull request ${request.number}: it is merged or its branch is gone`);
  Object.assign(request, { state: "open", closedAt: null, closedBy: null });
  pull.headSha = sha;
  noteEvent(hub, request, { kind: "reopened", actor: sender });
  await movePullRefs(hub, repository, request);
  await emitPull(hub, repository, request, { action: "reopened", sender });
}

/** Changes title, text or base branch; sends `pull_request.edited`. */
export async function editPull(
  hub: LiveHub,
  repository: Repository,
  request: PullRequest,
  wanted: {
    readonly title?: string;
    readonly body?: string;
    readonly base?: string;
    readonly sender: string;
  },
): Promise<void> {
  const { pull } = request;
  const { sender, title, body, base } = wanted;
  const changes: Record<string, unknown> = {};
  if (title !== undefined) {
    changes.title = { from: request.title };
    request.title = title;
    noteEvent(hub, request, { kind: "renamed", actor: sender });
  }
  if (body !== undefined) {
    changes.body = { from: request.body ?? "" };
    request.body = body;
  }
  if (base !== undefined) {
    const sha = await readBranch(gitDirectory(hub, repository), base);
    if (sha === undefined) throw new Error(`changing the base: there is no branch ${base}`);
    changes.base = { ref: { from: pull.baseBranch }, sha: { from: pull.baseSha } };
    Object.assign(pull, { baseBranch: base, baseSha: sha });
    await testMerge(hub, repository, request);
  }
  request.updatedAt = timestamp(hub.now());
  hub.changed();
  await emitPull(hub, repository, request, { action: "edited", sender, more: { changes } });
}

/** Makes a pull request a draft or takes that back; sends `converted_to_draft` or `ready_for_review`. */
export async function setDraft(
  hub: LiveHub,
  repository: Repository,
  request: PullRequest,
  { isDraft, sender }: { readonly isDraft: boolean; readonly sender: string },
): Promise<void> {
  if (request.pull.isDraft === isDraft) return;
  request.pull.isDraft = isDraft;
  noteEvent(hub, request, { kind: isDraft ? "draft" : "ready", actor: sender });
  const action = isDraft ? "converted_to_draft" : "ready_for_review";
  await emitPull(hub, repository, request, { action, sender });
}

function close(hub: LiveHub, request: PullRequest, event: Omit<IssueEvent, "at">): void {
  request.state = "closed";
  request.closedAt = timestamp(hub.now());
  request.closedBy = event.actor;
  noteEvent(hub, request, event);
}

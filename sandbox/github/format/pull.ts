import type { JsonObject } from "../../contract/json-value.ts";
import { countCommits, readChangedFiles } from "../git-commits.ts";
import { tryGit } from "../git.ts";
import { gitDirectory, type Hub, nodeId } from "../hub.ts";
import type { PullRequest } from "../pull-refs.ts";
import type { Repository } from "../state.ts";
import { formatAccount } from "./account.ts";
import { describeAssociation, issuePage } from "./issue.ts";
import { formatRepository, repositoryApi } from "./repository.ts";

/** A pull request as it stands in lists. */
export function formatPullSimple(
  hub: Hub,
  repository: Repository,
  request: PullRequest,
): JsonObject {
  const { pull, number } = request;
  const page = issuePage(hub, repository, request);
  return {
    id: pull.id,
    node_id: nodeId("PullRequest", pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    ...formatAddresses(hub, repository, request),
    number,
    state: request.state,
    locked: false,
    title: request.title,
    user: formatAccount(hub, request.author),
    body: request.body,
    labels: [],
    milestone: null,
    active_lock_reason: null,
    created_at: request.createdAt,
    updated_at: request.updatedAt,
    closed_at: request.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: formatSide(hub, pull.headOwner, {
      repository: hub.state.repositories.find((one) => one.id === pull.headRepositoryId),
      ref: pull.headBranch,
      sha: pull.headSha,
    }),
    base: formatSide(hub, repository.owner, {
      repository,
      ref: pull.baseBranch,
      sha: pull.baseSha,
    }),
    author_association: describeAssociation(hub, repository, request.author),
    auto_merge: null,
    draft: pull.isDraft,
  };
}

/** A pull request as GitHub's `pull-request`, with what git knows about it. */
export async function formatPull(
  hub: Hub,
  repository: Repository,
  request: PullRequest,
): Promise<JsonObject> {
  const { pull } = request;
  const directory = gitDirectory(hub, repository);
  // Before git is asked: by then the pull request may have moved on.
  const simple = formatPullSimple(hub, repository, request);
  const range = [pull.headSha, `^${pull.baseSha}`];
  const files = await readPullFiles(directory, request);
  const sum = (key: "additions" | "deletions") =>
    files.reduce((total, file) => total + file[key], 0);
  return {
    ...simple,
    merged: pull.mergedAt !== null,
    mergeable: request.state === "open" ? pull.isMergeable : null,
    rebaseable: request.state === "open" ? pull.isMergeable : null,
    mergeable_state: judge(request),
    merged_by: pull.mergedBy === null ? null : formatAccount(hub, pull.mergedBy),
    comments: hub.state.comments.filter((one) => one.issueId === request.id).length,
    review_comments: 0,
    maintainer_can_modify: pull.headRepositoryId !== repository.id,
    commits: await countCommits(directory, range),
    additions: sum("additions"),
    deletions: sum("deletions"),
    changed_files: files.length,
  };
}

/** A pull request as it stands in webhooks: GitHub sends them before it knows whether it can be merged. */
export async function formatPullEvent(
  hub: Hub,
  repository: Repository,
  request: PullRequest,
): Promise<JsonObject> {
  const pull = await formatPull(hub, repository, request);
  return { ...pull, mergeable: null, rebaseable: null, mergeable_state: "unknown" };
}

/** The files that a pull request changes, against where its branch left the base. */
export async function readPullFiles(directory: string, { pull }: PullRequest) {
  const found = await tryGit(directory, ["merge-base", pull.baseSha, pull.headSha]);
  return readChangedFiles(directory, found?.trim(), pull.headSha);
}

function judge({ state, pull }: PullRequest): string {
  if (state === "closed" || pull.isMergeable === null) return "unknown";
  if (!pull.isMergeable) return "dirty";
  return pull.isDraft ? "draft" : "clean";
}

function formatAddresses(hub: Hub, repository: Repository, request: PullRequest): JsonObject {
  const api = repositoryApi(hub, repository);
  const url = `${api}/pulls/${request.number}`;
  const issue = `${api}/issues/${request.number}`;
  const statuses = `${api}/statuses/${request.pull.headSha}`;
  const single = `${api}/pulls/comments{/number}`;
  const links = {
    self: url,
    html: issuePage(hub, repository, request),
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: single,
    commits: `${url}/commits`,
    statuses,
  };
  return {
    url,
    issue_url: issue,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: single,
    comments_url: links.comments,
    statuses_url: statuses,
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
  };
}

function formatSide(
  hub: Hub,
  owner: string,
  {
    repository,
    ref,
    sha,
  }: {
    readonly repository: Repository | undefined;
    readonly ref: string;
    readonly sha: string;
  },
): JsonObject {
  return {
    label: `${owner}:${ref}`,
    ref,
    sha,
    user: formatAccount(hub, owner),
    repo: repository ? formatRepository(hub, repository) : null,
  };
}

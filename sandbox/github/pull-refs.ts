import { git, tryGit } from "./git.ts";
import { gitDirectory, type Hub, timestamp } from "./hub.ts";
import type { Issue, Pull } from "./issue-state.ts";
import type { Repository } from "./state.ts";

/** An issue that is a pull request. */
export type PullRequest = Issue & { pull: Pull };

/** Tells pull requests from plain issues. */
export function isPullRequest(issue: Issue): issue is PullRequest {
  return issue.pull !== undefined;
}

/** Points `refs/pull/<n>/head` at the pull request's head and makes its test merge anew. */
export async function movePullRefs(
  hub: Hub,
  repository: Repository,
  request: PullRequest,
): Promise<void> {
  const directory = gitDirectory(hub, repository);
  await git(directory, ["update-ref", `refs/pull/${request.number}/head`, request.pull.headSha]);
  await testMerge(hub, repository, request);
}

/** Merges the head into the base branch on trial; `refs/pull/<n>/merge` stays where it was on a conflict. */
export async function testMerge(
  hub: Hub,
  repository: Repository,
  request: PullRequest,
): Promise<void> {
  const { pull, number } = request;
  const directory = gitDirectory(hub, repository);
  const base = await readBranch(directory, pull.baseBranch);
  const tree = base && (await mergeTrees(directory, base, pull.headSha));
  pull.isMergeable = tree !== undefined;
  if (base === undefined || tree === undefined) return;
  const sha = await writeMerge(hub, directory, {
    tree,
    parents: [base, pull.headSha],
    message: `Merge ${pull.headSha} into ${base}`,
    author: { name: "GitHub", email: "noreply@github.com" },
  });
  pull.mergeSha = sha;
  await git(directory, ["update-ref", `refs/pull/${number}/merge`, sha]);
}

/** Removes the test merge of a pull request that is closed; its head stays for ever. */
export async function removeTestMerge(
  hub: Hub,
  repository: Repository,
  { number }: Pick<Issue, "number">,
): Promise<void> {
  await tryGit(gitDirectory(hub, repository), ["update-ref", "-d", `refs/pull/${number}/merge`]);
}

/** The commit at the tip of a branch, by its exact name. */
export async function readBranch(directory: string, branch: string): Promise<string | undefined> {
  const found = await tryGit(directory, [
    "show-ref",
    "--verify",
    "--hash",
    "--",
    `refs/heads/${branch}`,
  ]);
  return found?.trim();
}

/** The tree of a merge; undefined when the two conflict. */
export async function mergeTrees(
  directory: string,
  base: string,
  head: string,
): Promise<string | undefined> {
  const found = await tryGit(directory, ["merge-tree", "--write-tree", base, head]);
  return found?.split("\n")[0];
}

/** A commit to be written over a tree that is there. */
export interface MergeCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
}

/** Writes a commit as GitHub does for its merge button; returns its id. */
export async function writeMerge(
  hub: Pick<Hub, "now">,
  directory: string,
  { tree, parents, message, author }: MergeCommit,
): Promise<string> {
  const date = timestamp(hub.now());
  const env = {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: "GitHub",
    GIT_COMMITTER_EMAIL: "noreply@github.com",
    GIT_COMMITTER_DATE: date,
  };
  const from = parents.flatMap((sha) => ["-p", sha]);
  const args = ["commit-tree", tree, ...from, "-F", "-"];
  return (await git(directory, args, { env, stdin: message })).trim();
}

/** Whether a commit is another's ancestor or that commit itself. */
export async function isReachable(directory: string, sha: string, from: string): Promise<boolean> {
  return (await tryGit(directory, ["merge-base", "--is-ancestor", sha, from])) !== undefined;
}

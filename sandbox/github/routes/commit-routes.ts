import type { Context, Hono } from "hono";
import { apiError, notFound } from "../api-error.ts";
import { accessRepository, type Env } from "../caller.ts";
import { formatChangedFile, formatCommit } from "../format/commit.ts";
import { repositoryApi, repositoryPage } from "../format/repository.ts";
import { git, resolveCommit, tryGit } from "../git.ts";
import { countCommits, readChangedFiles, readCommit, readCommits } from "../git-commits.ts";
import { gitDirectory, type Hub } from "../hub.ts";
import { readPage, setLinks } from "../pagination.ts";
import type { Repository } from "../state.ts";

/** Answers what lies below a commit, such as `/commits/feature/x/check-runs`. */
export type CommitChild = (c: Context<Env>, ref: string) => Promise<Response>;

/**
 * Commits and comparisons. A ref may hold slashes, so what lies below a commit is told
 * apart here by its last part.
 */
export function addCommitRoutes(
  api: Hono<Env>,
  hub: Hub,
  children: Readonly<Record<string, CommitChild>>,
): void {
  api.get("/repos/:owner/:repo/commits", (c) => listCommits(hub, c));
  api.get("/repos/:owner/:repo/commits/:ref{.+}", (c) => {
    const ref = c.req.param("ref");
    const slash = ref.lastIndexOf("/");
    const child = slash < 0 ? undefined : children[ref.slice(slash + 1)];
    return child ? child(c, ref.slice(0, slash)) : answerCommit(hub, c, ref);
  });
  api.get("/repos/:owner/:repo/compare/:basehead{.+}", (c) =>
    compare(hub, c, c.req.param("basehead")),
  );
}

/** The commit that a ref names; throws GitHub's 422. */
export async function requireCommit(
  hub: Hub,
  repository: Repository,
  ref: string,
): Promise<string> {
  const sha = await resolveCommit(gitDirectory(hub, repository), ref);
  if (sha === undefined) throw apiError(422, `No commit found for SHA: ${ref}`);
  return sha;
}

async function listCommits(hub: Hub, c: Context<Env>): Promise<Response> {
  const repository = accessRepository(hub, c, ["contents", "read"]);
  const directory = gitDirectory(hub, repository);
  const wanted = c.req.query("sha");
  const start = await resolveCommit(directory, wanted ?? repository.defaultBranch);
  if (start === undefined) {
    throw wanted === undefined ? apiError(409, "Git Repository is empty.") : notFound();
  }
  const page = readPage(c);
  const path = c.req.query("path");
  const shas = (await git(directory, ["rev-list", start, ...(path ? ["--", path] : ["--"])]))
    .split("\n")
    .filter(Boolean);
  setLinks(c, Math.max(1, Math.ceil(shas.length / page.perPage)), page);
  const first = (page.page - 1) * page.perPage;
  const commits = [];
  for (const sha of shas.slice(first, first + page.perPage))
    commits.push(await readCommit(directory, sha));
  return c.json(commits.map((one) => formatCommit(hub, repository, one)));
}

async function answerCommit(hub: Hub, c: Context<Env>, ref: string): Promise<Response> {
  const repository = accessRepository(hub, c, ["contents", "read"]);
  const sha = await requireCommit(hub, repository, ref);
  if (/vnd\.github(\.v3)?\.sha/.test(c.req.header("accept") ?? "")) {
    return c.body(sha, 200, { "Content-Type": "application/vnd.github.sha; charset=utf-8" });
  }
  const directory = gitDirectory(hub, repository);
  const commit = await readCommit(directory, sha);
  const files = await readChangedFiles(directory, commit.parents[0], sha);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return c.json({
    ...formatCommit(hub, repository, commit),
    stats: { total: additions + deletions, additions, deletions },
    files: files.slice(0, 300).map((file) => formatChangedFile(hub, repository, { sha, file })),
  });
}

async function compare(hub: Hub, c: Context<Env>, basehead: string): Promise<Response> {
  const repository = accessRepository(hub, c, ["contents", "read"]);
  const directory = gitDirectory(hub, repository);
  const dots = basehead.indexOf("...");
  if (dots < 0) throw notFound();
  const base = await resolveCommit(directory, basehead.slice(0, dots));
  const head = await resolveCommit(directory, basehead.slice(dots + 3));
  if (base === undefined || head === undefined) throw notFound();
  const found = await tryGit(directory, ["merge-base", base, head]);
  if (found === undefined) throw apiError(404, `No common ancestor between ${base} and ${head}.`);
  const mergeBase = found.trim();
  const ahead = await countCommits(directory, [head, `^${base}`]);
  const behind = await countCommits(directory, [base, `^${head}`]);
  const { page, perPage } = readPage(c, 250);
  setLinks(c, Math.max(1, Math.ceil(ahead / perPage)), { page, perPage });
  const commits = (await readCommits(directory, [head, `^${base}`])).toReversed();
  const files = page === 1 ? await readChangedFiles(directory, mergeBase, head) : [];
  const address = `${repositoryPage(hub, repository)}/compare/${basehead}`;
  return c.json({
    url: `${repositoryApi(hub, repository)}/compare/${basehead}`,
    html_url: address,
    permalink_url: address,
    diff_url: `${address}.diff`,
    patch_url: `${address}.patch`,
    base_commit: formatCommit(hub, repository, await readCommit(directory, base)),
    merge_base_commit: formatCommit(hub, repository, await readCommit(directory, mergeBase)),
    status: statusOf(ahead, behind),
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    commits: commits
      .slice((page - 1) * perPage, page * perPage)
      .map((one) => formatCommit(hub, repository, one)),
    files: files
      .slice(0, 300)
      .map((file) => formatChangedFile(hub, repository, { sha: head, file })),
  });
}

function statusOf(ahead: number, behind: number): string {
  if (ahead > 0) return behind > 0 ? "diverged" : "ahead";
  return behind > 0 ? "behind" : "identical";
}

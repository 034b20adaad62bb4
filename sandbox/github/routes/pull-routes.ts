import type { Context, Hono } from "hono";
import { notFound } from "../api-error.ts";
import { accessRepository, type Env } from "../caller.ts";
import { formatChangedFile } from "../format/commit.ts";
import { formatPull, formatPullSimple, readPullFiles } from "../format/pull.ts";
import { gitDirectory, type Hub } from "../hub.ts";
import { paginate } from "../pagination.ts";
import { isReachable, type PullRequest, readBranch } from "../pull-refs.ts";
import { pullsOf } from "../pulls.ts";
import type { Repository } from "../state.ts";
import { type CommitChild, requireCommit } from "./commit-routes.ts";

/** Pull requests, read only: people open and merge them on pages, or tests do. */
export function addPullRoutes(api: Hono<Env>, hub: Hub): void {
  api.get("/repos/:owner/:repo/pulls", (c) => {
    const repository = accessRepository(hub, c, ["pull_requests", "read"]);
    const all = selectPulls(hub, repository, c);
    return c.json(paginate(c, all).map((one) => formatPullSimple(hub, repository, one)));
  });
  api.get("/repos/:owner/:repo/pulls/:number{[0-9]+}", async (c) => {
    const { repository, request } = accessPull(hub, c);
    return c.json(await formatPull(hub, repository, request));
  });
  api.get("/repos/:owner/:repo/pulls/:number{[0-9]+}/files", async (c) => {
    const { repository, request } = accessPull(hub, c);
    const files = await readPullFiles(gitDirectory(hub, repository), request);
    const sha = request.pull.headSha;
    return c.json(
      paginate(c, files).map((file) => formatChangedFile(hub, repository, { sha, file })),
    );
  });
}

/** The pull requests that a commit belongs to: the merged ones, and open ones until it is in the default branch. */
export function createPullLists(hub: Hub): Readonly<Record<string, CommitChild>> {
  return {
    pulls: async (c, ref) => {
      const repository = accessRepository(hub, c, ["pull_requests", "read"]);
      const sha = await requireCommit(hub, repository, ref);
      const directory = gitDirectory(hub, repository);
      const main = await readBranch(directory, repository.defaultBranch);
      const isMerged = main !== undefined && (await isReachable(directory, sha, main));
      const found: PullRequest[] = [];
      for (const one of pullsOf(hub, repository)) {
        const counts = one.pull.mergedAt !== null || (one.state === "open" && !isMerged);
        if (counts && (await holdsCommit(directory, one, sha))) found.push(one);
      }
      return c.json(paginate(c, found).map((one) => formatPullSimple(hub, repository, one)));
    },
  };
}

async function holdsCommit(
  directory: string,
  { pull }: PullRequest,
  sha: string,
): Promise<boolean> {
  if (pull.mergedAt !== null && pull.mergeSha === sha) return true;
  const isInHead = await isReachable(directory, sha, pull.headSha);
  return isInHead && !(await isReachable(directory, sha, pull.baseSha));
}

function accessPull(
  hub: Hub,
  c: Context<Env>,
): { readonly repository: Repository; readonly request: PullRequest } {
  const repository = accessRepository(hub, c, ["pull_requests", "read"]);
  const number = Number(c.req.param("number"));
  const request = pullsOf(hub, repository).find((one) => one.number === number);
  if (!request) throw notFound();
  return { repository, request };
}

function selectPulls(hub: Hub, repository: Repository, c: Context<Env>): PullRequest[] {
  const { state = "open", head, base, sort = "created" } = c.req.query();
  const direction = c.req.query("direction") ?? (sort === "created" ? "desc" : "asc");
  const labelOf = ({ pull }: PullRequest) => `${pull.headOwner}:${pull.headBranch}`;
  const found = pullsOf(hub, repository)
    .filter((one) => state === "all" || one.state === state)
    // Without an owner GitHub takes no notice of the head.
    .filter((one) => !head?.includes(":") || labelOf(one) === head)
    .filter((one) => base === undefined || one.pull.baseBranch === base);
  if (sort === "updated") found.sort((a, b) => a.updatedAt.localeCompare(b.updatedAt));
  return direction === "desc" ? found.toReversed() : found;
}

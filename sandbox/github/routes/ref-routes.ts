import type { Hono } from "hono";
import type { JsonObject } from "../../contract/json-value.ts";
import { notFound } from "../api-error.ts";
import { accessRepository, type Env } from "../caller.ts";
import { repositoryApi } from "../format/repository.ts";
import { git } from "../git.ts";
import { readTags } from "../git-tags.ts";
import { gitDirectory, type Hub, nodeId } from "../hub.ts";
import { paginate } from "../pagination.ts";
import type { Repository } from "../state.ts";

/** Tags, and refs as git has them. */
export function addRefRoutes(api: Hono<Env>, hub: Hub): void {
  api.get("/repos/:owner/:repo/tags", async (c) => {
    const repository = accessRepository(hub, c, ["contents", "read"]);
    const url = repositoryApi(hub, repository);
    const tags = await readTags(gitDirectory(hub, repository));
    const formatted = paginate(c, tags).map(({ name, commit }) => {
      const ref = encodeURIComponent(`refs/tags/${name}`);
      return {
        name,
        commit: { sha: commit, url: `${url}/commits/${commit}` },
        zipball_url: `${url}/zipball/${ref}`,
        tarball_url: `${url}/tarball/${ref}`,
        node_id: nodeId(`refs/tags/${name}`, repository.id),
      };
    });
    return c.json(formatted);
  });
  api.get("/repos/:owner/:repo/git/ref/:ref{.+}", async (c) => {
    const repository = accessRepository(hub, c, ["contents", "read"]);
    // Only a whole name counts: `heads/mai` must not find `heads/main`.
    const wanted = `refs/${c.req.param("ref")}`;
    const found = (await readRefObjects(hub, repository)).find((one) => one.ref === wanted);
    if (!found) throw notFound();
    return c.json(formatRef(hub, repository, found));
  });
  api.get("/repos/:owner/:repo/git/matching-refs/:ref{.+}", async (c) => {
    const repository = accessRepository(hub, c, ["contents", "read"]);
    const prefix = `refs/${c.req.param("ref")}`;
    const all = await readRefObjects(hub, repository);
    const matching = all.filter((one) => one.ref.startsWith(prefix));
    return c.json(paginate(c, matching).map((one) => formatRef(hub, repository, one)));
  });
}

interface RefObject {
  readonly ref: string;
  readonly type: string;
  readonly sha: string;
}

async function readRefObjects(hub: Hub, repository: Repository): Promise<RefObject[]> {
  const args = ["for-each-ref", "--format=%(objecttype) %(objectname) %(refname)"];
  const lines = (await git(gitDirectory(hub, repository), args)).split("\n").filter(Boolean);
  return lines.map((line) => {
    const [type = "", sha = "", ref = ""] = line.split(" ");
    return { ref, type, sha };
  });
}

function formatRef(hub: Hub, repository: Repository, { ref, type, sha }: RefObject): JsonObject {
  const api = repositoryApi(hub, repository);
  return {
    ref,
    node_id: nodeId(ref, repository.id),
    url: `${api}/git/${ref}`,
    object: { type, sha, url: `${api}/git/${type}s/${sha}` },
  };
}

import type { Context, Hono } from "hono";
import type { JsonObject } from "../../contract/json-value.ts";
import { apiError, notFound } from "../api-error.ts";
import { accessRepository, type Env } from "../caller.ts";
import { encodePath } from "../format/commit.ts";
import { repositoryApi, repositoryPage } from "../format/repository.ts";
import { gitBytes, resolveCommit, tryGit } from "../git.ts";
import { listTree, type TreeEntry } from "../git-tree.ts";
import { gitDirectory, type Hub } from "../hub.ts";
import type { Repository } from "../state.ts";

const oneMegabyte = 1024 * 1024;

/** Files, folders and trees of a commit. */
export function addContentsRoutes(api: Hono<Env>, hub: Hub): void {
  api.get("/repos/:owner/:repo/contents", (c) => answerContents(hub, c, ""));
  api.get("/repos/:owner/:repo/contents/:path{.+}", (c) =>
    answerContents(hub, c, c.req.param("path")),
  );
  api.get("/repos/:owner/:repo/git/trees/:sha{.+}", (c) => answerTree(hub, c, c.req.param("sha")));
}

async function answerContents(hub: Hub, c: Context<Env>, rawPath: string): Promise<Response> {
  const repository = accessRepository(hub, c, ["contents", "read"]);
  const directory = gitDirectory(hub, repository);
  const ref = c.req.query("ref") ?? repository.defaultBranch;
  const sha = await resolveCommit(directory, ref);
  if (sha === undefined) throw apiError(404, `No commit found for the ref ${ref}`);
  const path = rawPath.replace(/^\/+|\/+$/g, "");
  const place: Place = { hub, repository, ref };
  const accept = c.req.header("accept") ?? "";
  const entry = path === "" ? undefined : (await listTree(directory, sha, { path }))[0];
  if (path !== "" && !entry) throw notFound();
  if (!entry || entry.type === "tree") {
    const entries = await listTree(directory, sha, { path: path === "" ? "" : `${path}/` });
    const listed = entries.map((one) => formatEntry(place, one));
    if (!/\bobject\b/.test(accept)) return c.json(listed);
    const own = entry ?? { type: "tree" as const, mode: "040000", sha, size: 0, path: "" };
    return c.json({ ...formatEntry(place, own), entries: listed });
  }
  const bytes =
    entry.type === "blob"
      ? await gitBytes(directory, ["cat-file", "blob", entry.sha])
      : Buffer.alloc(0);
  if (/\braw\b/.test(accept)) {
    return c.body(new Uint8Array(bytes), 200, {
      "Content-Type": "application/vnd.github.raw+json; charset=utf-8",
    });
  }
  // Above one megabyte only the raw media type holds the content.
  const isSmall = bytes.length <= oneMegabyte;
  const content = isSmall ? bytes.toString("base64").replace(/.{60}/g, "$&\n") : "";
  const encoding = isSmall ? "base64" : "none";
  return c.json({ ...formatEntry(place, entry), content, encoding });
}

async function answerTree(hub: Hub, c: Context<Env>, treeish: string): Promise<Response> {
  const repository = accessRepository(hub, c, ["contents", "read"]);
  const directory = gitDirectory(hub, repository);
  const name = (await resolveCommit(directory, treeish)) ?? treeish;
  const tree = await tryGit(directory, [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${name}^{tree}`,
  ]);
  if (tree === undefined) throw notFound();
  const recursive = c.req.query("recursive") !== undefined;
  const api = repositoryApi(hub, repository);
  const sha = tree.trim();
  const entries = await listTree(directory, sha, { path: "", recursive });
  const kinds = { blob: "blobs", tree: "trees", commit: "commits" };
  return c.json({
    sha,
    url: `${api}/git/trees/${sha}`,
    tree: entries.map((one) => ({
      path: one.path,
      mode: one.mode,
      type: one.type,
      sha: one.sha,
      ...(one.type === "blob" && { size: one.size }),
      url: `${api}/git/${kinds[one.type]}/${one.sha}`,
    })),
    truncated: false,
  });
}

interface Place {
  readonly hub: Hub;
  readonly repository: Repository;
  readonly ref: string;
}

function formatEntry({ hub, repository, ref }: Place, entry: TreeEntry): JsonObject {
  const path = encodePath(entry.path);
  const isFile = entry.type === "blob";
  const api = repositoryApi(hub, repository);
  const page = repositoryPage(hub, repository);
  const self = `${api}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const git = `${api}/git/${isFile ? "blobs" : "trees"}/${entry.sha}`;
  const html = `${page}/${isFile ? "blob" : "tree"}/${encodePath(ref)}/${path}`;
  return {
    name: entry.path.split("/").at(-1) ?? "",
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url: self,
    html_url: html,
    git_url: git,
    download_url: isFile ? `${page}/raw/${encodePath(ref)}/${path}` : null,
    type: isFile ? "file" : "dir",
    _links: { self, git, html },
  };
}

import { readFileSync } from "node:fs";
import type { Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { Env } from "../caller.ts";
import type { Changes } from "../changes.ts";
import { gitBytes, resolveCommit } from "../git.ts";
import { listTree } from "../git-tree.ts";
import { gitDirectory } from "../hub.ts";
import type { CheckRun, Repository } from "../state.ts";
import type { LiveHub } from "../webhooks.ts";
import { renderAvatar } from "./avatar.ts";
import { renderBlobPage } from "./blob-page.ts";
import { renderCheckRunPage } from "./check-run-page.ts";
import { runPath } from "./check-view.ts";
import { renderCommitPage } from "./commit-page.ts";
import { renderHomePage } from "./home-page.ts";
import { addDeliveryPages } from "./delivery-pages.ts";
import { addDeploymentPages } from "./deployment-pages.ts";
import { pageHeaders } from "./layout.ts";
import { liveScript } from "./live-script.ts";
import { answer, isForeign, type PageParts, withRepository } from "./page-route.ts";
import { addPeopleForms } from "./people-pages.ts";
import { addPullPages } from "./pull-pages.ts";
import { addReleasePages } from "./release-pages.ts";
import { renderRepositoryPage } from "./repository-page.ts";

/** The pages for people: repositories, commits, check runs with their buttons, files. */
export function addPages(root: Hono<Env>, parts: PageParts): void {
  addAssets(root, parts.changes);
  root.get("/", (c) => answer(c, renderHomePage(parts.hub, parts.notice())));
  addDeliveryPages(root, parts);
  addRepositoryPages(root, parts);
  addPeopleForms(root, parts);
  addFilePages(root, parts);
  addButtons(root, parts);
  addPullPages(root, parts);
  addReleasePages(root, parts);
  addDeploymentPages(root, parts);
}

function addAssets(root: Hono<Env>, changes: Changes): void {
  const style = readFileSync(new URL("./style.css", import.meta.url), "utf8");
  const assets: Readonly<Record<string, readonly [type: string, content: string]>> = {
    "style.css": ["text/css; charset=utf-8", style],
    "live.js": ["text/javascript; charset=utf-8", liveScript],
    "icon.svg": ["image/svg+xml", renderAvatar("local github")],
  };
  for (const [name, [type, content]] of Object.entries(assets)) {
    root.get(`/_local/${name}`, (c) =>
      c.body(content, 200, { "Content-Type": type, "Cache-Control": "no-cache" }),
    );
  }
  root.get("/_local/events", (c) =>
    streamSSE(c, async (stream) => {
      await new Promise<void>((resolve) => {
        const stop = changes.watch(() => void stream.writeSSE({ data: "changed" }));
        stream.onAbort(() => {
          stop();
          resolve();
        });
      });
    }),
  );
}

function addRepositoryPages(root: Hono<Env>, parts: PageParts): void {
  const { hub, operations } = parts;
  root.get(
    "/:owner/:repo",
    withRepository(parts, (c, repository) => {
      return answer(c, renderRepositoryPage(hub, repository, operations));
    }),
  );
  root.get(
    "/:owner/:repo/commit/:sha",
    withRepository(parts, async (c, repository) => {
      const sha = await resolveCommit(gitDirectory(hub, repository), c.req.param("sha") ?? "");
      return sha === undefined
        ? c.text("There is no such commit.", 404)
        : answer(c, renderCommitPage(hub, repository, sha));
    }),
  );
  root.get(
    "/:owner/:repo/runs/:id{[0-9]+}",
    withRepository(parts, (c, repository) => {
      const run = runOf(hub, repository, c);
      return run
        ? answer(c, renderCheckRunPage(hub, repository, run))
        : c.text("There is no such check run.", 404);
    }),
  );
}

function addFilePages(root: Hono<Env>, parts: PageParts): void {
  const read = async (repository: Repository, ref: string, path: string) => {
    const directory = gitDirectory(parts.hub, repository);
    const sha = await resolveCommit(directory, ref);
    const [entry] = sha === undefined ? [] : await listTree(directory, sha, { path });
    if (entry?.type !== "blob") return undefined;
    return gitBytes(directory, ["cat-file", "blob", entry.sha]);
  };
  root.get(
    "/:owner/:repo/blob/:ref/:path{.+}",
    withRepository(parts, async (c, repository) => {
      const { ref = "", path = "" } = c.req.param();
      const bytes = await read(repository, ref, path);
      if (!bytes) return c.text("There is no such file.", 404);
      return answer(c, renderBlobPage(repository, { ref, path, text: bytes.toString("utf8") }));
    }),
  );
  root.get(
    "/:owner/:repo/raw/:ref/:path{.+}",
    withRepository(parts, async (c, repository) => {
      const { ref = "", path = "" } = c.req.param();
      const bytes = await read(repository, ref, path);
      if (!bytes) return c.text("There is no such file.", 404);
      return c.body(new Uint8Array(bytes), 200, {
        ...pageHeaders,
        "Content-Type": "text/plain; charset=utf-8",
      });
    }),
  );
}

function addButtons(root: Hono<Env>, parts: PageParts): void {
  const { hub, operations } = parts;
  const press = (
    act: (
      use: { owner: string; repo: string; checkRunId: number; user: string },
      form: FormData,
    ) => void,
  ) =>
    withRepository(parts, async (c, repository) => {
      const run = runOf(hub, repository, c);
      if (isForeign(c)) return c.text("Wrong origin.", 403);
      if (!run) return c.text("There is no such check run.", 404);
      const form = await c.req.formData();
      const asked = textOf(form, "user");
      const user = asked in repository.collaborators ? asked : repository.owner;
      const name = { owner: repository.owner, repo: repository.name };
      try {
        act({ ...name, checkRunId: run.id, user }, form);
      } catch (error) {
        return c.text(error instanceof Error ? error.message : String(error), 409);
      }
      return c.redirect(cameFrom(c) ?? runPath(repository, run), 303);
    });
  root.post(
    "/:owner/:repo/runs/:id{[0-9]+}/actions",
    press((use, form) =>
      operations.clickCheckAction({ ...use, identifier: textOf(form, "identifier") }),
    ),
  );
  root.post(
    "/:owner/:repo/runs/:id{[0-9]+}/rerequest",
    press((use) => operations.rerequestCheckRun(use)),
  );
}

/** The page of ours that a button was pressed on. */
function cameFrom(c: Context<Env>): string | undefined {
  const referer = c.req.header("referer");
  if (referer === undefined || !URL.canParse(referer)) return undefined;
  const { origin, pathname } = new URL(referer);
  return origin === new URL(c.req.url).origin ? pathname : undefined;
}

function runOf(hub: LiveHub, repository: Repository, c: Context<Env>): CheckRun | undefined {
  const id = Number(c.req.param("id"));
  return hub.state.checkRuns.find((one) => one.id === id && one.repositoryId === repository.id);
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

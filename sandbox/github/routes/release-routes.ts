import type { Context, Hono } from "hono";
import { notFound } from "../api-error.ts";
import { accessRepository, checkAccess, type Env } from "../caller.ts";
import { formatRelease } from "../format/release.ts";
import { paginate } from "../pagination.ts";
import type { Release } from "../release-state.ts";
import { latestRelease, releasesOf } from "../releases.ts";
import type { Repository } from "../state.ts";
import type { LiveHub } from "../webhooks.ts";

/** Releases. Drafts are for those who may write. */
export function addReleaseRoutes(api: Hono<Env>, hub: LiveHub): void {
  const base = "/repos/:owner/:repo/releases";
  const answer = (c: Context<Env>, repository: Repository, found: Release | undefined) => {
    if (!found) throw notFound();
    return c.json(formatRelease(hub, repository, found));
  };
  api.get(base, (c) => {
    const repository = accessRepository(hub, c, ["contents", "read"]);
    const seesDrafts = mayWrite(hub, c, repository);
    const shown = releasesOf(hub, repository).filter((one) => seesDrafts || !one.isDraft);
    return c.json(paginate(c, shown).map((one) => formatRelease(hub, repository, one)));
  });
  api.get(`${base}/latest`, (c) => {
    const repository = accessRepository(hub, c, ["contents", "read"]);
    return answer(c, repository, latestRelease(hub, repository));
  });
  api.get(`${base}/tags/:tag{.+}`, (c) => {
    const repository = accessRepository(hub, c, ["contents", "read"]);
    const tag = c.req.param("tag");
    const found = releasesOf(hub, repository).find((one) => !one.isDraft && one.tag === tag);
    return answer(c, repository, found);
  });
}

function mayWrite(hub: LiveHub, c: Context<Env>, repository: Repository): boolean {
  try {
    checkAccess(hub, c.get("caller"), repository, ["contents", "write"]);
    return true;
  } catch {
    return false;
  }
}

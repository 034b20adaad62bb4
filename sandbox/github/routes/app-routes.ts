import type { Context, Hono } from "hono";
import { z } from "zod";
import { apiError, notFound } from "../api-error.ts";
import { accessRepository, type Env, requireApp } from "../caller.ts";
import { mintInstallationToken } from "../credentials.ts";
import { formatApp, formatInstallation } from "../format/app.ts";
import { formatRepository } from "../format/repository.ts";
import { findInstallation, findRepository, type Hub, timestamp } from "../hub.ts";
import { paginate } from "../pagination.ts";
import type { Installation } from "../state.ts";
import { readBody } from "./body.ts";

const tokenRequest = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
  permissions: z.record(z.string(), z.string()).optional(),
});

/** The App's own routes: itself, its installations and their tokens. */
export function addAppRoutes(api: Hono<Env>, hub: Hub): void {
  api.get("/app", (c) => {
    requireApp(c);
    return c.json(formatApp(hub));
  });
  api.get("/app/installations", (c) => {
    requireApp(c);
    return c.json(paginate(c, hub.state.installations).map((one) => formatInstallation(hub, one)));
  });
  api.get("/app/installations/:id{[0-9]+}", (c) => {
    requireApp(c);
    return c.json(formatInstallation(hub, installationOf(hub, c)));
  });
  api.get("/repos/:owner/:repo/installation", (c) => {
    requireApp(c);
    const repository = findRepository(hub, c.req.param("owner"), c.req.param("repo"));
    const installation = repository && findInstallation(hub, repository);
    if (!installation) throw notFound();
    return c.json(formatInstallation(hub, installation));
  });
  api.post("/app/installations/:id{[0-9]+}/access_tokens", async (c) => {
    requireApp(c);
    const installation = installationOf(hub, c);
    return c.json(await issueToken(hub, c, installation), 201);
  });
  api.get("/installation/repositories", (c) => {
    const caller = c.get("caller");
    if (caller.kind !== "installation")
      throw apiError(403, "Resource not accessible by integration");
    const all = coveredRepositories(hub, caller.installation).filter(
      (one) => caller.repositoryIds?.includes(one.id) ?? true,
    );
    return c.json({
      total_count: all.length,
      repository_selection: caller.installation.repositoryIds ? "selected" : "all",
      repositories: paginate(c, all).map((one) => formatRepository(hub, one)),
    });
  });
  api.get("/repos/:owner/:repo", (c) =>
    c.json(formatRepository(hub, accessRepository(hub, c, ["metadata", "read"]))),
  );
}

function installationOf(hub: Hub, c: Context<Env>): Installation {
  const found = hub.state.installations.find((one) => one.id === Number(c.req.param("id")));
  if (!found) throw notFound();
  return found;
}

function coveredRepositories(hub: Hub, installation: Installation) {
  return hub.state.repositories.filter((one) => findInstallation(hub, one)?.id === installation.id);
}

async function issueToken(hub: Hub, c: Context<Env>, installation: Installation) {
  const asked = await readBody(c, tokenRequest, "Token");
  const covered = coveredRepositories(hub, installation);
  const isChosen = asked.repositories !== undefined || asked.repository_ids !== undefined;
  const chosen = covered.filter(
    (one) => asked.repositories?.includes(one.name) || asked.repository_ids?.includes(one.id),
  );
  const wanted = (asked.repositories?.length ?? 0) + (asked.repository_ids?.length ?? 0);
  if (isChosen && chosen.length < wanted) {
    throw apiError(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  }
  refuseExcess(installation, asked.permissions ?? {});
  const nowSeconds = Math.floor(hub.now().getTime() / 1000);
  const { token, expiresAt } = mintInstallationToken(
    hub.state.app.tokenKey,
    installation.id,
    nowSeconds,
  );
  const repositoryIds = isChosen ? chosen.map((one) => one.id) : undefined;
  if (asked.permissions || repositoryIds) {
    hub.state.restrictedTokens.push({
      token,
      ...(asked.permissions && { permissions: { metadata: "read", ...asked.permissions } }),
      ...(repositoryIds && { repositoryIds }),
    });
    hub.changed();
  }
  return {
    token,
    expires_at: timestamp(expiresAt),
    permissions: asked.permissions ?? installation.permissions,
    repository_selection: isChosen || installation.repositoryIds ? "selected" : "all",
    ...(isChosen && { repositories: chosen.map((one) => formatRepository(hub, one)) }),
  };
}

function refuseExcess(installation: Installation, asked: Readonly<Record<string, string>>): void {
  for (const [name, level] of Object.entries(asked)) {
    const granted = installation.permissions[name];
    if (granted === "write" || granted === level) continue;
    throw apiError(422, "The permissions requested are not granted to this installation.");
  }
}

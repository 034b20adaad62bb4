import type { Hono } from "hono";
import { apiError, notFound } from "../api-error.ts";
import { accessRepository, type Env } from "../caller.ts";
import { formatAccount } from "../format/account.ts";
import { formatCommit } from "../format/commit.ts";
import { repositoryApi, repositoryPage } from "../format/repository.ts";
import { readRefs } from "../git.ts";
import { readCommit } from "../git-commits.ts";
import { readGrantedRole } from "../granted-role.ts";
import { findUser, gitDirectory, type Hub } from "../hub.ts";
import { paginate } from "../pagination.ts";
import type { Role } from "../state.ts";

/** Branches, and who may do what. */
export function addBranchRoutes(api: Hono<Env>, hub: Hub): void {
  api.get("/repos/:owner/:repo/branches", async (c) => {
    const repository = accessRepository(hub, c, ["contents", "read"]);
    const refs = await readRefs(gitDirectory(hub, repository));
    const url = `${repositoryApi(hub, repository)}/commits`;
    const branches = [...refs]
      .filter(([ref]) => ref.startsWith("refs/heads/"))
      .map(([ref, sha]) => ({
        name: ref.slice("refs/heads/".length),
        commit: { sha, url: `${url}/${sha}` },
        protected: false,
      }));
    return c.json(paginate(c, branches));
  });
  api.get("/repos/:owner/:repo/branches/:branch{.+}", async (c) => {
    const repository = accessRepository(hub, c, ["contents", "read"]);
    const name = c.req.param("branch");
    const directory = gitDirectory(hub, repository);
    const sha = (await readRefs(directory)).get(`refs/heads/${name}`);
    if (sha === undefined) throw notFound();
    const self = `${repositoryApi(hub, repository)}/branches/${encodeURIComponent(name)}`;
    return c.json({
      name,
      commit: formatCommit(hub, repository, await readCommit(directory, sha)),
      _links: { self, html: `${repositoryPage(hub, repository)}/tree/${name}` },
      protected: false,
      protection: { enabled: false },
      protection_url: `${self}/protection`,
    });
  });
  api.get("/repos/:owner/:repo/collaborators/:user/permission", (c) => {
    const repository = accessRepository(hub, c, ["metadata", "read"]);
    const login = c.req.param("user");
    const user = findUser(hub, login);
    // Bots hold no role: GitHub knows them as no user here.
    if (user?.type !== "User") throw apiError(404, `${login} is not a user`);
    const granted = readGrantedRole(repository, user.login);
    // Everybody may read what is public.
    const base = granted?.base ?? (repository.isPrivate ? "none" : "read");
    const roleName = granted?.name ?? base;
    return c.json({
      permission: legacyPermission(base),
      role_name: roleName,
      user: {
        ...formatAccount(hub, user.login),
        permissions: permissionFlags(base),
        role_name: roleName,
      },
    });
  });
}

// The old field knows four words only; `role_name` has them all.
function legacyPermission(role: Role | "none"): string {
  if (role === "triage") return "read";
  return role === "maintain" ? "write" : role;
}

function permissionFlags(role: Role | "none") {
  const order = ["none", "read", "triage", "write", "maintain", "admin"];
  const has = (least: string) => order.indexOf(role) >= order.indexOf(least);
  return {
    pull: has("read"),
    triage: has("triage"),
    push: has("write"),
    maintain: has("maintain"),
    admin: has("admin"),
  };
}

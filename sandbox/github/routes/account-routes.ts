import type { Hono } from "hono";
import { notFound } from "../api-error.ts";
import type { Env } from "../caller.ts";
import { formatAccount } from "../format/account.ts";
import { botLogin, findUser, type Hub } from "../hub.ts";

/** Users, and the rate limit, which is never reached here. */
export function addAccountRoutes(api: Hono<Env>, hub: Hub): void {
  api.get("/users/:login", (c) => {
    const login = c.req.param("login");
    const user = findUser(hub, login);
    if (!user && login !== botLogin(hub)) throw notFound();
    const counts = { public_repos: 0, public_gists: 0, followers: 0, following: 0 };
    const since = hub.state.app.createdAt;
    return c.json({
      ...formatAccount(hub, user?.login ?? login),
      name: user?.name ?? hub.manifest.name,
      company: null,
      blog: "",
      location: null,
      email: user?.email ?? null,
      hireable: null,
      bio: null,
      ...counts,
      created_at: since,
      updated_at: since,
    });
  });
  api.get("/rate_limit", (c) => {
    const reset = Math.floor(hub.now().getTime() / 1000) + 3600;
    const one = { limit: 5000, used: 0, remaining: 5000, reset };
    return c.json({ resources: { core: one, search: one }, rate: one });
  });
}

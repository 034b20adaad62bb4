import type { Hono } from "hono";
import type { Env } from "../caller.ts";
import { findRepository } from "../hub.ts";
import { roles } from "../state.ts";
import { repositoryPath } from "./check-view.ts";
import { onSubmit, type PageParts } from "./page-route.ts";

/** The forms that give roles and make forks; an account that is not known yet is added. */
export function addPeopleForms(root: Hono<Env>, parts: PageParts): void {
  const { hub, operations } = parts;
  root.post(
    "/:owner/:repo/people",
    onSubmit(parts, ({ repository, name, text }) => {
      const login = text("login").trim();
      if (login === repository.owner)
        throw new Error("giving a role: the owner keeps the role of an administrator");
      const role = roles.find((one) => one === text("role"));
      operations.setPermission({ ...name, user: login, role });
      return repositoryPath(repository);
    }),
  );
  root.post(
    "/:owner/:repo/fork",
    onSubmit(parts, async ({ name, text }) => {
      const fork = await operations.forkRepository({ ...name, by: text("login").trim() });
      const made = findRepository(hub, fork.owner, fork.name);
      return made ? repositoryPath(made) : "/";
    }),
  );
}

import type { Context } from "hono";
import { apiError, notFound } from "./api-error.ts";
import { findJwtProblem, readInstallationToken } from "./credentials.ts";
import { holdsRole, readGrantedRole } from "./granted-role.ts";
import {
  botLogin,
  findInstallation,
  findOtherApp,
  findRepository,
  findUser,
  type Hub,
} from "./hub.ts";
import type { OtherApp } from "./other-app-state.ts";
import type { Installation, Repository } from "./state.ts";

/** Who makes a request. */
export type Caller =
  | { readonly kind: "anonymous" }
  | { readonly kind: "user"; readonly login: string }
  | { readonly kind: "app" }
  /** The bot of an App besides ours, with that App's own token. */
  | { readonly kind: "bot"; readonly login: string; readonly app: OtherApp }
  | {
      readonly kind: "installation";
      readonly installation: Installation;
      readonly permissions: Readonly<Record<string, string>>;
      readonly repositoryIds: readonly number[] | undefined;
    };

/** The variables of a request. */
export interface Env {
  Variables: { caller: Caller };
}

type PermissionName =
  "metadata" | "contents" | "checks" | "deployments" | "statuses" | "issues" | "pull_requests";

/** A permission that an App needs, in the words of `app.yml`; of several names one is enough. */
export type Permission = readonly [
  name: PermissionName | readonly PermissionName[],
  level: "read" | "write",
];

/** Finds out who a request comes from; throws GitHub's 401 when the credentials are bad. */
export function identifyCaller(hub: Hub, authorization: string | undefined): Caller {
  if (authorization === undefined) return { kind: "anonymous" };
  const [scheme = "", value = ""] = authorization.split(" ");
  if (scheme.toLowerCase() !== "basic") return identifyToken(hub, value);
  const [login = "", ...password] = Buffer.from(value, "base64").toString("utf8").split(":");
  const token = password.join(":");
  // A token may also stand in the place of the name.
  const caller = identifyToken(hub, token === "" || token === "x-oauth-basic" ? login : token);
  const isOther = caller.kind === "user" && token !== "" && findUser(hub, login)?.token !== token;
  if (isOther) throw apiError(401, "Bad credentials");
  return caller;
}

function identifyToken(hub: Hub, token: string): Caller {
  const nowSeconds = Math.floor(hub.now().getTime() / 1000);
  if (token.split(".").length === 3) {
    const problem = findJwtProblem(token, hub.state.app, nowSeconds);
    if (problem !== undefined) throw apiError(401, problem);
    return { kind: "app" };
  }
  const read = readInstallationToken(hub.state.app.tokenKey, token, nowSeconds);
  const installation = hub.state.installations.find((one) => one.id === read?.installationId);
  if (installation) {
    const limits = hub.state.restrictedTokens.find((one) => one.token === token);
    return {
      kind: "installation",
      installation,
      permissions: limits?.permissions ?? installation.permissions,
      repositoryIds: limits?.repositoryIds ?? installation.repositoryIds,
    };
  }
  const user = hub.state.users.find((one) => one.token === token);
  if (!user) throw apiError(401, "Bad credentials");
  const app = findOtherApp(hub, user.login);
  return app ? { kind: "bot", login: user.login, app } : { kind: "user", login: user.login };
}

/** The login that stands for a caller in what it creates. */
export function callerLogin(hub: Hub, caller: Caller): string {
  return caller.kind === "user" || caller.kind === "bot" ? caller.login : botLogin(hub);
}

/** Lets only the App itself through (its JWT). */
export function requireApp(c: Context<Env>): void {
  if (c.get("caller").kind !== "app") {
    throw apiError(401, "A JSON web token could not be decoded");
  }
}

/** Finds the repository of a route for its caller, or throws GitHub's 404 or 403. */
export function accessRepository(hub: Hub, c: Context<Env>, permission: Permission): Repository {
  const repository = findRepository(hub, c.req.param("owner") ?? "", c.req.param("repo") ?? "");
  if (!repository) throw notFound();
  checkAccess(hub, c.get("caller"), repository, permission);
  return repository;
}

/** Throws GitHub's 404 or 403 when a caller may not do something in a repository. */
export function checkAccess(
  hub: Hub,
  caller: Caller,
  repository: Repository,
  [wanted, level]: Permission,
): void {
  const names: readonly string[] = typeof wanted === "string" ? [wanted] : wanted;
  const isOpen = level === "read" && !repository.isPrivate;
  switch (caller.kind) {
    case "anonymous":
      if (isOpen) return;
      throw notFound();
    case "app":
      throw apiError(403, "Resource not accessible by integration");
    case "user": {
      const role = readGrantedRole(repository, caller.login);
      const mayWrite = holdsRole(repository, caller.login, "write");
      // Whoever may read may also comment and react.
      const isTalk = names.includes("issues") || names.includes("pull_requests");
      if (level === "read" || isTalk ? !repository.isPrivate || role : mayWrite) return;
      throw role || isOpen ? apiError(403, "Must have push access to repository") : notFound();
    }
    case "bot": {
      const isCovered = caller.app.account === repository.owner;
      return checkGrant(repository, { ...caller.app, isCovered }, [names, level]);
    }
    case "installation": {
      const isCovered =
        findInstallation(hub, repository)?.id === caller.installation.id &&
        (caller.repositoryIds === undefined || caller.repositoryIds.includes(repository.id));
      return checkGrant(repository, { ...caller, isCovered }, [names, level]);
    }
  }
}

/** Throws unless an App that is installed there, or anybody, may do it. */
function checkGrant(
  repository: Repository,
  app: { readonly isCovered: boolean; readonly permissions: Readonly<Record<string, string>> },
  [names, level]: readonly [readonly string[], "read" | "write"],
): void {
  const isGranted = (name: string) => {
    const granted = app.permissions[name];
    return granted === "write" || granted === "admin" || (granted === "read" && level === "read");
  };
  if (app.isCovered && names.some(isGranted)) return;
  if (app.isCovered) throw apiError(403, "Resource not accessible by integration");
  if (level === "read" && !repository.isPrivate) return;
  throw repository.isPrivate ? notFound() : apiError(403, "Resource not accessible by integration");
}

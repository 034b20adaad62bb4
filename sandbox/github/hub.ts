import { join } from "node:path";
import type { AppManifest } from "./app-manifest.ts";
import type { OtherApp } from "./other-app-state.ts";
import type { Installation, Repository, State, User } from "./state.ts";
import type { Urls } from "./format/urls.ts";

/** What everything works on: the state and where it is. */
export interface Hub {
  readonly state: State;
  readonly manifest: AppManifest;
  readonly urls: Urls;
  readonly directory: string;
  now(): Date;
  /** Tells that the state changed, so that it is written. */
  changed(): void;
}

/** A new id, unique over everything. */
export function nextId(hub: Pick<Hub, "state">): number {
  hub.state.lastId += 1;
  return hub.state.lastId;
}

/** The node id of a thing, opaque as GitHub's. */
export function nodeId(kind: string, id: number): string {
  return Buffer.from(`${kind}:${id}`).toString("base64url");
}

/** Finds a repository by owner and name, in any case of letters. */
export function findRepository(
  hub: Pick<Hub, "state">,
  owner: string,
  name: string,
): Repository | undefined {
  const wanted = `${owner}/${name}`.toLowerCase();
  return hub.state.repositories.find((one) => `${one.owner}/${one.name}`.toLowerCase() === wanted);
}

/** A user by login, in any case of letters. */
export function findUser(hub: Pick<Hub, "state">, login: string): User | undefined {
  return hub.state.users.find((one) => one.login.toLowerCase() === login.toLowerCase());
}

/** The App whose bot has this login; undefined for people and for our own. */
export function findOtherApp(hub: Pick<Hub, "state">, login: string): OtherApp | undefined {
  return hub.state.otherApps.find((one) => `${one.slug}[bot]` === login);
}

/** The installation that covers a repository. */
export function findInstallation(
  hub: Pick<Hub, "state">,
  repository: Pick<Repository, "id" | "owner">,
): Installation | undefined {
  return hub.state.installations.find(
    (one) =>
      one.account === repository.owner &&
      (one.repositoryIds === undefined || one.repositoryIds.includes(repository.id)),
  );
}

/** Where a repository's bare git repository lies. */
export function gitDirectory(
  hub: Pick<Hub, "directory">,
  repository: Pick<Repository, "id">,
): string {
  return join(hub.directory, "git", `${repository.id}.git`);
}

/** The login of the App's own user, such as `skep[bot]`. */
export function botLogin(hub: Pick<Hub, "manifest">): string {
  return `${hub.manifest.slug}[bot]`;
}

/** A time as GitHub writes it, in whole seconds. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

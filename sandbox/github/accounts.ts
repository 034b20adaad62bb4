import { randomBytes } from "node:crypto";
import { initBareRepository } from "./git.ts";
import { findRepository, findUser, gitDirectory, nextId, timestamp } from "./hub.ts";
import { type Installation, type Repository, roles, type User } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";
import { formatInstallation } from "./format/app.ts";
import { nodeId } from "./hub.ts";

/** A user to be added; what is left out is made up from the login. */
export interface NewUser {
  readonly login: string;
  readonly name?: string;
  readonly email?: string;
  readonly type?: User["type"];
  readonly token?: string;
}

/** Adds a user, or returns the one with this login. */
export function addUser(hub: LiveHub, { login, ...rest }: NewUser): User {
  const known = findUser(hub, login);
  if (known) return known;
  // Only a bot's login has brackets.
  const name = rest.type === "Bot" ? login.replace(/\[bot\]$/, "") : login;
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/.test(name) || reservedNames.has(login.toLowerCase())) {
    throw new Error(
      `adding user ${JSON.stringify(login)}: not a login; use letters, digits and dashes`,
    );
  }
  const user: User = {
    id: nextId(hub),
    login,
    name: rest.name ?? login,
    email: rest.email ?? `${login.toLowerCase()}@users.noreply.localhost`,
    type: rest.type ?? "User",
    token: rest.token ?? `ghp_${randomBytes(18).toString("hex")}`,
  };
  hub.state.users.push(user);
  hub.changed();
  return user;
}

// First parts of paths that mean something else.
const reservedNames = new Set([
  "api",
  "app",
  "apps",
  "installation",
  "repos",
  "settings",
  "users",
  "meta",
]);

/** A repository to be made. */
export interface NewRepository {
  readonly owner: string;
  readonly name: string;
  readonly private?: boolean;
}

/** Makes an empty repository; its owner is added when unknown and is its administrator. */
export async function addRepository(hub: LiveHub, wanted: NewRepository): Promise<Repository> {
  if (!/^(?!\.+$)[A-Za-z0-9._-]{1,100}$/.test(wanted.name) || wanted.name.endsWith(".git")) {
    throw new Error(
      `creating repository ${JSON.stringify(wanted.name)}: use letters, digits, dots and dashes`,
    );
  }
  const owner = addUser(hub, { login: wanted.owner });
  if (findRepository(hub, owner.login, wanted.name)) {
    throw new Error(`creating repository ${owner.login}/${wanted.name}: it exists already`);
  }
  const now = timestamp(hub.now());
  const repository: Repository = {
    id: nextId(hub),
    owner: owner.login,
    name: wanted.name,
    isPrivate: wanted.private ?? false,
    defaultBranch: "main",
    createdAt: now,
    pushedAt: now,
    collaborators: { [owner.login]: "admin" },
    customRoles: {},
  };
  await initBareRepository(gitDirectory(hub, repository), repository.defaultBranch);
  hub.state.repositories.push(repository);
  hub.changed();
  return repository;
}

/** Gives a user a role in a repository (a custom one must be defined before), or takes it away. */
export function setRole(
  hub: LiveHub,
  repository: Repository,
  login: string,
  role: string | undefined,
): void {
  const user = addUser(hub, { login });
  const isKnown = roles.some((one) => one === role) || repository.customRoles[role ?? ""];
  if (role !== undefined && !isKnown)
    throw new Error(`giving ${login} the role ${JSON.stringify(role)}: define it first`);
  if (role === undefined) delete repository.collaborators[user.login];
  else repository.collaborators[user.login] = role;
  hub.changed();
}

/** Installs the App on an account: on all its repositories, or on some. Sends `installation.created`. */
export function addInstallation(
  hub: LiveHub,
  {
    account,
    repositories,
  }: { readonly account: string; readonly repositories?: readonly string[] },
): Installation {
  const owner = addUser(hub, { login: account }).login;
  const chosen = repositories?.map((name) => {
    const found = findRepository(hub, owner, name);
    if (!found) throw new Error(`installing the app: there is no repository ${owner}/${name}`);
    return found;
  });
  const known = hub.state.installations.find((one) => one.account === owner);
  const installation: Installation = known ?? {
    id: nextId(hub),
    account: owner,
    permissions: { ...hub.manifest.permissions },
    events: [...hub.manifest.events],
    createdAt: timestamp(hub.now()),
  };
  if (chosen) installation.repositoryIds = chosen.map((one) => one.id);
  else delete installation.repositoryIds;
  hub.changed();
  if (known) return known;
  hub.state.installations.push(installation);
  const covered = chosen ?? hub.state.repositories.filter((one) => one.owner === owner);
  hub.emit({
    event: "installation",
    installation,
    sender: owner,
    payload: {
      action: "created",
      installation: formatInstallation(hub, installation),
      repositories: covered.map((one) => ({
        id: one.id,
        node_id: nodeId("Repository", one.id),
        name: one.name,
        full_name: `${one.owner}/${one.name}`,
        private: one.isPrivate,
      })),
      requester: null,
    },
  });
  return installation;
}

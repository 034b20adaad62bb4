import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addRepository } from "./accounts.ts";
import { git } from "./git.ts";
import { gitDirectory, type Hub } from "./hub.ts";
import { isPullRequest } from "./pull-refs.ts";
import { closePull } from "./pulls.ts";
import type { Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** Makes a fork of a repository for another account, with its branches and tags. */
export async function addFork(
  hub: LiveHub,
  source: Repository,
  wanted: { readonly owner: string; readonly name?: string },
): Promise<Repository> {
  const root = networkRoot(hub, source);
  const fork = await addRepository(hub, {
    owner: wanted.owner,
    name: wanted.name ?? source.name,
    private: source.isPrivate,
  });
  fork.forkOf = root.id;
  fork.defaultBranch = source.defaultBranch;
  const directory = gitDirectory(hub, fork);
  // What the network's first repository holds, a fork holds too, now and later.
  const shared = join("..", "..", `${root.id}.git`, "objects");
  await writeFile(join(directory, "objects", "info", "alternates"), `${shared}\n`);
  await git(directory, ["symbolic-ref", "HEAD", `refs/heads/${fork.defaultBranch}`]);
  const all = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
  await fetchQuietly(directory, gitDirectory(hub, source), all);
  const rootDirectory = gitDirectory(hub, root);
  await git(rootDirectory, ["config", "transfer.hideRefs", "refs/network"]);
  hub.changed();
  return fork;
}

/**
 * Lets the whole network have what was pushed to a fork: on GitHub a fork's commit can be fetched by
 * its id from the repository that it was forked from, whether or not a pull request names it.
 */
export async function shareObjects(hub: Hub, repository: Repository): Promise<void> {
  if (repository.forkOf === undefined) return;
  const root = gitDirectory(hub, networkRoot(hub, repository));
  const hidden = `refs/network/${repository.id}`;
  await fetchQuietly(root, gitDirectory(hub, repository), [
    `+refs/heads/*:${hidden}/heads/*`,
    `+refs/tags/*:${hidden}/tags/*`,
  ]);
}

/** Deletes a repository that nobody forked; pull requests from it are closed, their commits stay with the base. */
export async function removeRepository(
  hub: LiveHub,
  repository: Repository,
  sender: string,
): Promise<void> {
  const { state } = hub;
  if (state.repositories.some((one) => one.forkOf === repository.id))
    throw new Error(`deleting ${repository.owner}/${repository.name}: it has forks`);
  state.repositories.splice(state.repositories.indexOf(repository), 1);
  state.issues = state.issues.filter((one) => one.repositoryId !== repository.id);
  hub.changed();
  await rm(gitDirectory(hub, repository), { recursive: true, force: true });
  for (const request of state.issues.filter(isPullRequest)) {
    const base = state.repositories.find((one) => one.id === request.repositoryId);
    const isFrom = request.pull.headRepositoryId === repository.id;
    if (base && isFrom && request.state === "open") await closePull(hub, base, request, sender);
  }
}

/** The repository that the others of a network were forked from; itself when there was no fork. */
function networkRoot(hub: Hub, repository: Repository): Repository {
  const root = hub.state.repositories.find((one) => one.id === repository.forkOf);
  return root ?? repository;
}

/** The repository that an owner has in the network of another; undefined when there is none. */
export function findInNetwork(
  hub: Hub,
  repository: Repository,
  owner: string,
): Repository | undefined {
  if (owner.toLowerCase() === repository.owner.toLowerCase()) return repository;
  const root = networkRoot(hub, repository).id;
  return hub.state.repositories.find(
    (one) =>
      one.owner.toLowerCase() === owner.toLowerCase() && (one.id === root || one.forkOf === root),
  );
}

async function fetchQuietly(
  directory: string,
  from: string,
  refspecs: readonly string[],
): Promise<void> {
  const flags = ["--quiet", "--prune", "--no-tags", "--no-auto-gc", "--no-write-fetch-head"];
  await git(directory, ["fetch", ...flags, "--", from, ...refspecs]);
}

import type { JsonObject } from "../contract/json-value.ts";
import { createSuite } from "./check-suites.ts";
import { loginOf } from "./format/commit.ts";
import { formatPushedRepository, repositoryPage } from "./format/repository.ts";
import { git, readRefs, resolveCommit, tryGit, zeroSha } from "./git.ts";
import {
  type GitCommit,
  readChangedFiles,
  readCommit,
  readCommits,
  type Signature,
} from "./git-commits.ts";
import { findUser, gitDirectory, timestamp } from "./hub.ts";
import { followPush } from "./pull-follow.ts";
import type { Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** A ref that a push moved; a missing side is forty zeros. */
export interface RefChange {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

// GitHub sends nothing for tags when one push brings more than three, nor for branches above 5000.
const maxTags = 3;
const maxBranches = 5000;
const maxCommits = 2048;

/** The refs that differ between two readings. */
export function compareRefs(before: Map<string, string>, after: Map<string, string>): RefChange[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .map((ref) => ({ ref, before: before.get(ref) ?? zeroSha, after: after.get(ref) ?? zeroSha }))
    .filter((change) => change.before !== change.after);
}

/** Runs something that may move refs, then sends the webhooks of what it moved. */
export async function watchRefs<T>(
  hub: LiveHub,
  { repository, pusher }: { readonly repository: Repository; readonly pusher: string },
  act: () => Promise<T>,
): Promise<T> {
  const directory = gitDirectory(hub, repository);
  const before = await readRefs(directory);
  const result = await act();
  const after = await readRefs(directory);
  const changes = compareRefs(before, after);
  if (changes.length === 0) return result;
  await adoptDefaultBranch(repository, directory, after);
  repository.pushedAt = timestamp(hub.now());
  hub.changed();
  const tags = changes.filter((change) => change.ref.startsWith("refs/tags/"));
  const branches = changes.filter((change) => change.ref.startsWith("refs/heads/"));
  const known = [...before.values()];
  for (const change of [
    ...(branches.length > maxBranches ? [] : branches),
    ...(tags.length > maxTags ? [] : tags),
  ]) {
    await emitChange(hub, { repository, pusher, change, known, refs: after });
  }
  await followPush(hub, { repository, pusher, changes });
  return result;
}

/** The first branch pushed becomes the default branch, as on GitHub. */
async function adoptDefaultBranch(
  repository: Repository,
  directory: string,
  refs: Map<string, string>,
): Promise<void> {
  if (refs.has(`refs/heads/${repository.defaultBranch}`)) return;
  const first = [...refs.keys()].find((ref) => ref.startsWith("refs/heads/"));
  if (first === undefined) return;
  repository.defaultBranch = first.slice("refs/heads/".length);
  await git(directory, ["symbolic-ref", "HEAD", first]);
}

interface Push {
  readonly repository: Repository;
  readonly pusher: string;
  readonly change: RefChange;
  /** What the refs pointed to before the push: commits reachable from there are not new. */
  readonly known: readonly string[];
  /** The refs after the push. */
  readonly refs: Map<string, string>;
}

async function emitChange(hub: LiveHub, push: Push): Promise<void> {
  const { repository, pusher, change } = push;
  const about = { repository, sender: pusher };
  const [, kind = "", ...name] = change.ref.split("/");
  const refType = kind === "tags" ? "tag" : "branch";
  const named = { ref: name.join("/"), ref_type: refType, pusher_type: "user" };
  if (change.before === zeroSha) {
    const payload = {
      ...named,
      full_ref: change.ref,
      master_branch: repository.defaultBranch,
      description: null,
    };
    hub.emit({ event: "create", ...about, payload });
  }
  if (change.after === zeroSha)
    hub.emit({ event: "delete", ...about, payload: { ...named, full_ref: change.ref } });
  hub.emit({ event: "push", ...about, payload: await composePush(hub, push) });
  if (refType === "branch" && change.after !== zeroSha) {
    await createSuite(hub, repository, {
      sha: change.after,
      branch: named.ref,
      before: change.before,
      sender: pusher,
    });
  }
}

async function composePush(
  hub: LiveHub,
  { repository, pusher, change, known, refs }: Push,
): Promise<JsonObject> {
  const directory = gitDirectory(hub, repository);
  const page = repositoryPage(hub, repository);
  const isCreated = change.before === zeroSha;
  const isDeleted = change.after === zeroSha;
  const head = isDeleted ? undefined : await resolveCommit(directory, change.after);
  const isBranch = change.ref.startsWith("refs/heads/");
  const found = head && isBranch ? await newCommits(directory, change, known) : [];
  const format = (commit: GitCommit) => formatPushedCommit(hub, repository, directory, commit);
  const short = (sha: string) => sha.slice(0, 12);
  const range = isCreated
    ? change.ref.replace(/^refs\/(heads|tags)\//, "")
    : `${short(change.before)}...${short(change.after)}`;
  return {
    ref: change.ref,
    before: change.before,
    after: change.after,
    repository: formatPushedRepository(hub, repository),
    pusher: { name: pusher, email: findUser(hub, pusher)?.email ?? null },
    created: isCreated,
    deleted: isDeleted,
    forced: !isCreated && !isDeleted && !(await isAncestor(directory, change)),
    base_ref: isCreated && head !== undefined ? findBranch(refs, change.ref, head) : null,
    compare: `${page}/compare/${range}`,
    commits: await inOrder(found.toReversed(), format),
    head_commit: head ? await format(await readCommit(directory, head)) : null,
  };
}

/** A branch, other than the pushed ref itself, that stands at a commit. */
function findBranch(refs: Map<string, string>, pushed: string, sha: string): string | null {
  for (const [ref, at] of refs) {
    if (ref.startsWith("refs/heads/") && ref !== pushed && at === sha) return ref;
  }
  return null;
}

/** Newest first: what the branch gained; for a new branch, what no ref knew before the push. */
async function newCommits(
  directory: string,
  change: RefChange,
  known: readonly string[],
): Promise<GitCommit[]> {
  const old = change.before === zeroSha ? [...new Set(known)] : [change.before];
  // A deleted ref's commit may be gone already.
  const existing: string[] = [];
  for (const sha of old) {
    if ((await tryGit(directory, ["cat-file", "-e", sha])) !== undefined) existing.push(sha);
  }
  const present = existing.map((sha) => `^${sha}`);
  return readCommits(directory, [change.after, ...present], { limit: maxCommits });
}

async function isAncestor(directory: string, { before, after }: RefChange): Promise<boolean> {
  return (await tryGit(directory, ["merge-base", "--is-ancestor", before, after])) !== undefined;
}

async function formatPushedCommit(
  hub: LiveHub,
  repository: Repository,
  directory: string,
  commit: GitCommit,
): Promise<JsonObject> {
  const files = await readChangedFiles(directory, commit.parents[0], commit.sha, {
    renames: false,
  });
  const paths = (status: string) =>
    files.filter((one) => one.status === status).map((one) => one.path);
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${repositoryPage(hub, repository)}/commit/${commit.sha}`,
    author: formatPerson(hub, commit.author),
    committer: formatPerson(hub, commit.committer),
    added: paths("added"),
    removed: paths("removed"),
    modified: paths("modified"),
  };
}

function formatPerson(hub: LiveHub, person: Signature): JsonObject {
  const username = loginOf(hub, person);
  return {
    name: person.name,
    email: person.email,
    date: person.date,
    ...(username && { username }),
  };
}

async function inOrder<T, U>(items: readonly T[], map: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  for (const item of items) results.push(await map(item));
  return results;
}

import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { RepositoryRef } from "../deployment.ts";
import type { Logger } from "../logger.ts";
import { firstComplaint } from "./fetch-failure.ts";
import type { Git, GitResult } from "./git.ts";
import type { MirrorReader } from "./mirror-reader.ts";
import { countPacks, mirrorDir, removeLeftovers } from "./mirror-files.ts";
import { failureOf, type Remote, remoteError } from "./remote.ts";

/** The commit that must be there, and the branch (if any) whose present head is asked for. */
export interface FetchRequest {
  readonly sha: string;
  readonly defaultBranch: string | null;
}

/** Fetches into mirrors, one fetch at a time for each. */
export interface Fetcher {
  /** Resolves once the commit is there, with the default branch's head when it was asked for. */
  fetch(repository: RepositoryRef, want: FetchRequest): Promise<string | null>;
  /** Fetches all branches and tags, and reads in the mirror before anything else changes it. */
  fetchAll<T>(repository: RepositoryRef, read: (gitDir: string) => Promise<T>): Promise<T>;
  /** Says that the mirror could not be read: the next fetch makes it anew. */
  distrust(repository: RepositoryRef): void;
}

interface MirrorState {
  /** Ends when the fetch before ours has ended. */
  tail: Promise<unknown>;
  /** Whether what killed processes may have left has been looked after. */
  isPrepared: boolean;
  isDistrusted: boolean;
  /** Fetches begun so far, and which of them was the last that worked, by what it fetched. */
  begun: number;
  readonly lastGood: Map<string, number>;
}

interface FetcherDeps {
  readonly dir: string;
  readonly git: Git;
  readonly reader: Pick<MirrorReader, "hasCommit" | "drop">;
  readonly remote: Remote;
  readonly clock: Clock;
  readonly log: Logger;
}

const LOCAL_TIMEOUT_MS = 60_000;
const REPACK_TIMEOUT_MS = 10 * 60_000;
// Each fetch adds a pack; git gets slow with hundreds of them.
const MANY_PACKS = 50;

/** Where the mirror keeps the branches and tags that `fetchAll` fetched; deleted ones are gone from there too. */
export const BRANCHES = "refs/mirror/heads/";
/** See `BRANCHES`. */
export const TAGS = "refs/mirror/tags/";

/** The fetching side of the mirrors under `dir`. */
export function createFetcher(deps: FetcherDeps): Fetcher {
  const states = new Map<number, MirrorState>();

  function stateOf(repository: RepositoryRef): MirrorState {
    const known = states.get(repository.id);
    if (known !== undefined) return known;
    const fresh: MirrorState = {
      tail: Promise.resolve(),
      isPrepared: false,
      isDistrusted: false,
      begun: 0,
      lastGood: new Map(),
    };
    states.set(repository.id, fresh);
    return fresh;
  }

  /** Waits for the fetches before, then works; those after it wait for this one. */
  function takeTurn<T>(
    repository: RepositoryRef,
    work: (mirror: ReturnType<typeof createMirror>, begunBefore: number) => Promise<T>,
  ): Promise<T> {
    const state = stateOf(repository);
    const mirror = createMirror(deps, state, repository);
    const begunBefore = state.begun;
    const turn = state.tail.then(() => work(mirror, begunBefore));
    state.tail = turn.then(mirror.tidy, () => undefined);
    return turn;
  }

  return {
    async fetch(repository, want) {
      const mirror = createMirror(deps, stateOf(repository), repository);
      if (want.defaultBranch === null && (await mirror.hasCommit(want.sha))) return null;
      return takeTurn(repository, (ours, begunBefore) => ours.fetch(want, begunBefore));
    },
    fetchAll(repository, read) {
      return takeTurn(repository, async (mirror, begunBefore) => {
        await mirror.fetchAll(begunBefore);
        return read(mirrorDir(deps.dir, repository.id));
      });
    },
    distrust: (repository) => {
      stateOf(repository).isDistrusted = true;
    },
  };
}

function createMirror(deps: FetcherDeps, state: MirrorState, repository: RepositoryRef) {
  const gitDir = mirrorDir(deps.dir, repository.id);
  const local = { gitDir, timeoutMs: LOCAL_TIMEOUT_MS };

  async function head(branch: string): Promise<string | null> {
    const text = await readFile(join(gitDir, refOf(branch)), "latin1").catch(() => "");
    return /^[0-9a-f]{40}\n$/.test(text) ? text.trim() : null;
  }

  async function prepare(): Promise<void> {
    if (state.isPrepared && !state.isDistrusted) return;
    deps.reader.drop(gitDir);
    if (state.isDistrusted) {
      state.lastGood.clear();
      await rm(gitDir, { recursive: true, force: true });
    } else await removeLeftovers(gitDir);
    const args = ["init", "--quiet", "--bare", "--template=", "--initial-branch=none"];
    const made = await deps.git.run(args, local);
    if (made.code === 0) {
      state.isPrepared = true;
      state.isDistrusted = false;
    } else if (state.isDistrusted) throw remoteError("unavailable", FETCHING, made);
    else {
      state.isDistrusted = true;
      await prepare();
    }
  }

  async function fetchOnce({ flags, refspecs }: Fetching): Promise<GitResult> {
    const given = ["fetch", ...FETCH_FLAGS, ...flags, "--"];
    const args = (url: string): string[] => [...given, url, ...refspecs];
    const result = await deps.remote.run(repository, gitDir, args);
    // It was killed, and may have left what `prepare` looks after.
    if (result.code === null) state.isPrepared = false;
    return result;
  }

  async function fetchOrRemake(what: Fetching): Promise<void> {
    const { doing } = what;
    await prepare();
    const first = await fetchOnce(what);
    if (first.code === 0) return;
    const kind = failureOf(first);
    if (kind !== "broken") throw remoteError(kind, doing, first);
    const complaint = firstComplaint(first.stderr);
    deps.log.warn({ repositoryId: repository.id, complaint }, "mirror is broken, making it anew");
    state.isDistrusted = true;
    await prepare();
    const second = await fetchOnce(what);
    if (second.code !== 0) throw remoteError("unavailable", doing, second);
  }

  /** Fetches, unless a fetch of the same that began after we were asked has told all that ours would. */
  async function refresh(key: string, begunBefore: number, what: Fetching): Promise<void> {
    if ((state.lastGood.get(key) ?? 0) > begunBefore && !state.isDistrusted) return;
    const startedAt = deps.clock.now();
    const number = ++state.begun;
    await fetchOrRemake(what);
    state.lastGood.set(key, number);
    const ms = deps.clock.now() - startedAt;
    deps.log.info({ repositoryId: repository.id, ...what.about, ms }, "fetched");
  }

  /** A commit that is in a pack is there with all it refers to. */
  async function hasCommit(sha: string): Promise<boolean> {
    if (state.isDistrusted) return false;
    return deps.reader.hasCommit(gitDir, sha).catch(() => false);
  }

  async function fetch(want: FetchRequest, begunBefore: number): Promise<string | null> {
    const { sha, defaultBranch: branch } = want;
    const isThere = await hasCommit(sha);
    if (branch === null && isThere) return null;
    const refspecs = branch === null ? [] : [`+refs/heads/${branch}:${refOf(branch)}`];
    // What another fetch brought of the branch does not tell of a commit that is missing still.
    await refresh(`branch ${branch ?? ""}`, isThere ? begunBefore : Infinity, {
      flags: [],
      refspecs: [...refspecs, sha],
      doing: FETCHING,
      about: { sha },
    });
    return currentHead(branch);
  }

  function fetchAll(begunBefore: number): Promise<void> {
    return refresh("all", begunBefore, FETCHING_ALL);
  }

  async function currentHead(branch: string | null): Promise<string | null> {
    if (branch === null) return null;
    const known = (await head(branch)) ?? (await packedHead(branch));
    if (known === null) throw remoteError("unavailable", FETCHING, NO_BRANCH);
    return known;
  }

  /** Finds a ref that somebody's `git gc` in the mirror has moved into `packed-refs`. */
  async function packedHead(branch: string): Promise<string | null> {
    const found = await deps.git.run(["rev-parse", "--verify", "--quiet", refOf(branch)], local);
    return found.code === 0 ? found.stdout.toString("latin1").trim() : null;
  }

  async function tidy(): Promise<void> {
    if ((await countPacks(gitDir)) < MANY_PACKS) return;
    const args = ["repack", "-d", "--quiet", "--geometric=2"];
    const result = await deps.git.run(args, { gitDir, timeoutMs: REPACK_TIMEOUT_MS });
    if (result.code === 0) return;
    deps.log.warn({ repositoryId: repository.id, code: result.code }, "repacking the mirror");
  }

  return { hasCommit, fetch, fetchAll, tidy: () => tidy().catch(() => undefined) };
}

/** One call of `git fetch`. */
interface Fetching {
  readonly flags: readonly string[];
  readonly refspecs: readonly string[];
  /** What Skep does with it, for messages. */
  readonly doing: string;
  /** For the log. */
  readonly about: { readonly sha: string | null };
}

const FETCHING = "fetching the commit";
const FETCHING_ALL: Fetching = {
  flags: ["--prune"],
  refspecs: [`+refs/heads/*:${BRANCHES}*`, `+refs/tags/*:${TAGS}*`],
  doing: "fetching the branches and tags",
  about: { sha: null },
};
const NO_BRANCH = { code: 0, stderr: "the branch is missing" };

const FETCH_FLAGS = [
  "--quiet",
  "--no-tags",
  "--no-write-fetch-head",
  "--no-recurse-submodules",
  "--no-auto-maintenance",
  "--no-show-forced-updates",
];

// One flat name per branch: `a` and `a/b` may follow each other as default branches.
function refOf(branch: string): string {
  return `refs/skep/${Buffer.from(branch).toString("hex")}`;
}

import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { RepositoryRef } from "../deployment.ts";
import { SkepError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { classifyFetchFailure, firstComplaint } from "./fetch-failure.ts";
import type { Git, GitResult } from "./git.ts";
import type { MirrorReader } from "./mirror-reader.ts";
import { countPacks, mirrorDir, removeLeftovers } from "./mirror-files.ts";

/** The commit that must be there, and the branch (if any) whose present head is asked for. */
export interface FetchRequest {
  readonly sha: string;
  readonly defaultBranch: string | null;
}

/** Fetches into mirrors, one fetch at a time for each. */
export interface Fetcher {
  /** Resolves once the commit is there, with the default branch's head when it was asked for. */
  fetch(repository: RepositoryRef, want: FetchRequest): Promise<string | null>;
  /** Says that the mirror could not be read: the next fetch makes it anew. */
  distrust(repository: RepositoryRef): void;
}

interface MirrorState {
  /** Ends when the fetch before ours has ended. */
  tail: Promise<unknown>;
  /** Whether what killed processes may have left has been looked after. */
  isPrepared: boolean;
  isDistrusted: boolean;
  /** Fetches begun so far, and which of them was the last that worked, for which branch. */
  begun: number;
  lastGood: { readonly number: number; readonly branch: string | null } | null;
}

interface FetcherDeps {
  readonly dir: string;
  readonly git: Git;
  readonly reader: Pick<MirrorReader, "hasCommit" | "drop">;
  readonly cloneUrl: (repository: RepositoryRef) => string;
  readonly token: (installationId: number) => Promise<string>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly fetchTimeoutMs: number;
}

const LOCAL_TIMEOUT_MS = 60_000;
const REPACK_TIMEOUT_MS = 10 * 60_000;
// Each fetch adds a pack; git gets slow with hundreds of them.
const MANY_PACKS = 50;

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
      lastGood: null,
    };
    states.set(repository.id, fresh);
    return fresh;
  }

  return {
    async fetch(repository, want) {
      const state = stateOf(repository);
      const mirror = createMirror(deps, state, repository);
      if (want.defaultBranch === null && (await mirror.hasCommit(want.sha))) return null;
      const begunBefore = state.begun;
      const turn = state.tail.then(() => mirror.fetch(want, begunBefore));
      state.tail = turn.then(mirror.tidy, () => undefined);
      return turn;
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
    if (state.isDistrusted) await rm(gitDir, { recursive: true, force: true });
    else await removeLeftovers(gitDir);
    const args = ["init", "--quiet", "--bare", "--template=", "--initial-branch=none"];
    const made = await deps.git.run(args, local);
    if (made.code === 0) {
      state.isPrepared = true;
      state.isDistrusted = false;
    } else if (state.isDistrusted) throw failure("unavailable", made);
    else {
      state.isDistrusted = true;
      await prepare();
    }
  }

  async function fetchOnce(want: FetchRequest): Promise<GitResult> {
    const url = deps.cloneUrl(repository);
    const token = await deps.token(repository.installationId);
    const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
    const branch = want.defaultBranch;
    const refspecs = branch === null ? [] : [`+refs/heads/${branch}:${refOf(branch)}`];
    const result = await deps.git.run(["fetch", ...FETCH_FLAGS, "--", url, ...refspecs, want.sha], {
      gitDir,
      config: authorization(url, basic),
      timeoutMs: deps.fetchTimeoutMs,
    });
    // It was killed, and may have left what `prepare` looks after.
    if (result.code === null) state.isPrepared = false;
    const stderr = result.stderr.replaceAll(token, "[REDACTED]").replaceAll(basic, "[REDACTED]");
    return { ...result, stderr };
  }

  async function fetchOrRemake(want: FetchRequest): Promise<void> {
    await prepare();
    const first = await fetchOnce(want);
    if (first.code === 0) return;
    const kind = first.code === null ? "unavailable" : classifyFetchFailure(first.stderr);
    if (kind !== "broken") throw failure(kind, first);
    const complaint = firstComplaint(first.stderr);
    deps.log.warn({ repositoryId: repository.id, complaint }, "mirror is broken, making it anew");
    state.isDistrusted = true;
    await prepare();
    const second = await fetchOnce(want);
    if (second.code !== 0) throw failure("unavailable", second);
  }

  /** A commit that is in a pack is there with all it refers to. */
  async function hasCommit(sha: string): Promise<boolean> {
    if (state.isDistrusted) return false;
    return deps.reader.hasCommit(gitDir, sha).catch(() => false);
  }

  async function fetch(want: FetchRequest, begunBefore: number): Promise<string | null> {
    const branch = want.defaultBranch;
    // A fetch that began after we were asked tells all that ours would.
    const { lastGood } = state;
    const isFresh = lastGood?.branch === branch && lastGood.number > begunBefore;
    if ((isFresh || branch === null) && (await hasCommit(want.sha))) return currentHead(branch);
    const startedAt = deps.clock.now();
    const number = ++state.begun;
    await fetchOrRemake(want);
    state.lastGood = { number, branch };
    const ms = deps.clock.now() - startedAt;
    deps.log.info({ repositoryId: repository.id, sha: want.sha, ms }, "fetched");
    return currentHead(branch);
  }

  async function currentHead(branch: string | null): Promise<string | null> {
    if (branch === null) return null;
    const known = (await head(branch)) ?? (await packedHead(branch));
    if (known === null) throw failure("unavailable", { code: 0, stderr: "the branch is missing" });
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

  return { hasCommit, fetch, tidy: () => tidy().catch(() => undefined) };
}

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

/** The token goes to the clone URL's own host only, even when that redirects elsewhere. */
function authorization(url: string, basic: string): Record<string, string> {
  const { protocol, origin } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return {};
  return { [`http.${origin}/.extraHeader`]: `Authorization: Basic ${basic}` };
}

function failure(
  kind: "not_found" | "denied" | "unavailable",
  result: Pick<GitResult, "code" | "stderr">,
): SkepError {
  const cause = result.code === null ? "it took too long" : firstComplaint(result.stderr);
  if (kind === "not_found")
    return new SkepError("source_not_found", `fetching the commit: ${cause}`, {
      nextStep: "Check that the commit and the branch still exist, and that the App may read them.",
    });
  return new SkepError("source_unavailable", `fetching the commit: ${cause}`, {
    retryable: true,
    nextStep:
      kind === "denied"
        ? "Check that the App is installed on the repository and may read its contents."
        : "Skep tries again; if it goes on, look at GitHub's status and Skep's network.",
  });
}

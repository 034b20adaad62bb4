import { mkdir } from "node:fs/promises";
import type { Clock } from "../clock.ts";
import type { RepositoryRef } from "../deployment.ts";
import { SkepError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { openBuildContext } from "./build-context.ts";
import { createGit, type GitResult } from "./git.ts";
import { createFetcher } from "./mirror-fetch.ts";
import { mirrorDir } from "./mirror-files.ts";
import { createMirrorReader } from "./mirror-reader.ts";
import { isBranchName, isSha } from "./names.ts";
import type { Source } from "./ports.ts";
import { createRemote } from "./remote.ts";
import { createResolver } from "./resolve.ts";
import { isFile, normalizePath } from "./tree.ts";

/** What a git mirror needs from outside. */
export interface GitMirrorDeps {
  /** Folder for one bare repository per GitHub repository; nobody else writes there. */
  readonly dir: string;
  readonly cloneUrl: (repository: RepositoryRef) => string;
  /** A token that may read the repositories of an installation. */
  readonly token: (installationId: number) => Promise<string>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Only for tests; `http` and `https` else. */
  readonly protocols?: readonly string[];
  /** How long one fetch may take; 10 minutes unless told. */
  readonly fetchTimeoutMs?: number;
}

/** A `Source` on this machine's git. `close` ends the git processes that still run. */
export interface GitMirror extends Source {
  close(): void;
}

const READ_TIMEOUT_MS = 60_000;
const FETCH_TIMEOUT_MS = 10 * 60_000;
// A configuration file is small; a larger one is a mistake or an attack.
const FILE_LIMIT = 1024 * 1024;

/** Keeps a bare mirror of each repository, with its whole history, and reads commits from it. */
export function createGitMirror(deps: GitMirrorDeps): GitMirror {
  const closing = new AbortController();
  const git = createGit({
    clock: deps.clock,
    protocols: deps.protocols ?? ["http", "https"],
    environment: process.env,
    signal: closing.signal,
  });
  const reader = createMirrorReader(git);
  const timeoutMs = deps.fetchTimeoutMs ?? FETCH_TIMEOUT_MS;
  const remote = createRemote({ ...deps, git, timeoutMs });
  const fetcher = createFetcher({ ...deps, git, reader, remote });
  const resolver = createResolver({ git, reader, fetcher, remote });
  const gitDirOf = (repository: RepositoryRef): string => mirrorDir(deps.dir, repository.id);

  const makeDir = () => mkdir(deps.dir, { recursive: true, mode: 0o700 });

  /** Reads from a mirror; one that cannot be read is made anew before the next try. */
  async function read<T>(
    repository: RepositoryRef,
    what: (gitDir: string) => Promise<T>,
  ): Promise<T> {
    try {
      return await what(gitDirOf(repository));
    } catch (error) {
      if (error instanceof SkepError && error.code === "source_unavailable")
        fetcher.distrust(repository);
      throw error;
    }
  }

  /** The exit code of a command that compares; one that was killed has compared nothing. */
  async function compare(repository: RepositoryRef, args: readonly string[]): Promise<number> {
    const result = await git.run(args, {
      gitDir: gitDirOf(repository),
      timeoutMs: READ_TIMEOUT_MS,
    });
    if (result.code === null) throw unreadable(repository, args, result);
    return result.code;
  }

  async function readEntry(repository: RepositoryRef, sha: string, path: string) {
    return read(repository, (gitDir) => reader.entry(gitDir, sha, path));
  }

  async function readBytes(
    repository: RepositoryRef,
    sha: string,
    path: string,
  ): Promise<Buffer | null> {
    const inside = normalizePath(path);
    if (!isSha(sha)) throw unknownName(sha);
    if (inside === null || inside === "") return null;
    const entry = await readEntry(repository, sha, inside);
    if (entry === null || !isFile(entry)) return null;
    const file = await read(repository, (gitDir) => reader.file(gitDir, entry.oid, FILE_LIMIT));
    if (file !== null && file.content === null) throw tooLong(inside, file.size);
    return file?.content ?? null;
  }

  return {
    async fetch(repository, want) {
      const { sha, defaultBranch } = want;
      if (!isSha(sha)) throw unknownName(sha);
      if (defaultBranch !== null && !isBranchName(defaultBranch)) throw unknownName(defaultBranch);
      await makeDir();
      return { defaultBranchSha: await fetcher.fetch(repository, want) };
    },

    async resolve(repository, name) {
      await makeDir();
      return read(repository, () => resolver.resolve(repository, name));
    },

    pullRequestHead: (repository, number) => resolver.pullRequestHead(repository, number),

    async readFile(repository, sha, path) {
      return (await readBytes(repository, sha, path))?.toString("utf8") ?? null;
    },

    readBytes,

    async hasChanged(repository, from, to, paths) {
      if (!isSha(from) || !isSha(to)) return true;
      const inside = paths.map((path) => normalizePath(path) ?? "");
      const gitDir = gitDirOf(repository);
      const known = await Promise.all([from, to].map((sha) => reader.hasCommit(gitDir, sha)));
      if (known.includes(false)) return true;
      const differ = async (path: string): Promise<boolean> => {
        const [before, after] = await Promise.all([
          reader.entry(gitDir, from, path),
          reader.entry(gitDir, to, path),
        ]);
        return before?.oid !== after?.oid || before?.mode !== after?.mode;
      };
      return (await Promise.all(inside.map(differ))).includes(true);
    },

    async isAncestor(repository, ancestor, commit) {
      if (!isSha(ancestor) || !isSha(commit)) return false;
      const args = ["merge-base", "--is-ancestor", ancestor, commit];
      return (await compare(repository, args)) === 0;
    },

    async objectId(repository, sha, path) {
      const inside = normalizePath(path);
      if (inside === null || !isSha(sha)) return null;
      return (await readEntry(repository, sha, inside))?.oid ?? null;
    },

    async context(repository, want) {
      if (!isSha(want.sha)) throw unknownName(want.sha);
      const distrust = (error: unknown): void => {
        if (error instanceof SkepError && error.code === "source_unavailable")
          fetcher.distrust(repository);
      };
      const gitDir = gitDirOf(repository);
      const stream = await openBuildContext({ git, gitDir, clock: deps.clock }, want).catch(
        (error: unknown) => {
          distrust(error);
          throw error;
        },
      );
      return stream.once("error", distrust);
    },

    close: () => closing.abort(),
  };
}

function unreadable(
  repository: RepositoryRef,
  [command = ""]: readonly string[],
  { code }: GitResult,
): SkepError {
  return new SkepError("source_unavailable", `reading the mirror: git ${command} failed`, {
    retryable: true,
    details: { repositoryId: repository.id, code },
    nextStep: "Nothing to do: the mirror is fetched anew before the next try.",
  });
}

function unknownName(name: string): SkepError {
  return new SkepError("source_not_found", `reading ${JSON.stringify(name)}: no such name`, {
    nextStep: "Push again, so that Skep learns of an existing commit.",
  });
}

function tooLong(path: string, size: number): SkepError {
  return new SkepError(
    "config_invalid",
    `reading ${JSON.stringify(path)}: it has ${size} bytes, more than the limit of 1 MB`,
    { nextStep: "Make the file smaller." },
  );
}

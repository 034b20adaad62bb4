import { posix } from "node:path";
import { SkepError } from "../errors.ts";
import type { Git } from "./git.ts";
import { createGitObjects, type GitObject, type GitObjects } from "./git-objects.ts";
import { findEntry, type RawEntry } from "./tree.ts";

/** A commit as people are told of it. */
export interface NamedCommit {
  readonly sha: string;
  /** First line of its message, at most 200 characters; hostile text. */
  readonly title: string;
}

/** Reads commits from the mirrors; one git stays for each of the mirrors that were read last. */
export interface MirrorReader {
  /** Throws `source_unavailable` when git cannot tell. */
  hasCommit(gitDir: string, sha: string): Promise<boolean>;
  /** The commit that an expression such as `refs/x^{commit}` names; null for none. Its words must be checked before. */
  commit(gitDir: string, name: string): Promise<NamedCommit | null>;
  /** What a commit has at a path (`""`: its root); null for nothing. Throws `source_unavailable` without the commit. */
  entry(gitDir: string, sha: string, path: string): Promise<RawEntry | null>;
  /** A file's bytes, null when it has more than `limit`. */
  file(gitDir: string, oid: string, limit: number): Promise<GitObject | null>;
  /** Lets go of a mirror that is about to be made anew. */
  drop(gitDir: string): void;
}

const MOST_OPEN = 8;
const COMMIT_LIMIT = 1024 * 1024;
const LONGEST_TITLE = 200;
const TREE_LIMIT = 64 * 1024 * 1024;
/** A process older than this makes room for a fresh one. */
const LIFE_MS = 60 * 60_000;

/** Starts git where one is needed; all end with `git`'s own signal. */
export function createMirrorReader(git: Git): MirrorReader {
  const open = new Map<string, GitObjects>();

  function start(gitDir: string): GitObjects {
    const objects = createGitObjects(
      git.start(["cat-file", "--batch"], { gitDir, timeoutMs: LIFE_MS }),
    );
    open.set(gitDir, objects);
    for (const oldest of open.keys()) {
      if (open.size <= MOST_OPEN) break;
      drop(oldest);
    }
    return objects;
  }

  function drop(gitDir: string): void {
    open.get(gitDir)?.close();
    open.delete(gitDir);
  }

  /** Asks the process that is there; one that has ended meanwhile (its life was over) is made up for once. */
  async function read(gitDir: string, name: string, limit: number): Promise<GitObject | null> {
    const known = open.get(gitDir);
    if (known) {
      open.delete(gitDir);
      open.set(gitDir, known);
      try {
        return await known.read(name, limit);
      } catch {
        if (open.get(gitDir) === known) drop(gitDir);
      }
    }
    return await (open.get(gitDir) ?? start(gitDir)).read(name, limit);
  }

  return {
    hasCommit: async (gitDir, sha) => (await read(gitDir, sha, 0))?.type === "commit",
    async commit(gitDir, name) {
      const found = await read(gitDir, name, COMMIT_LIMIT);
      if (found?.type !== "commit") return null;
      return { sha: found.oid, title: titleOf(found.content?.toString("utf8") ?? "") };
    },
    async entry(gitDir, sha, path) {
      const folder = path.includes("/") ? posix.dirname(path) : "";
      const tree = await read(gitDir, `${sha}:${folder}`, TREE_LIMIT);
      if (tree === null && (await read(gitDir, sha, 0)) === null) throw noCommit(sha);
      if (tree?.type !== "tree" || tree.content === null) return null;
      if (path === "") return { mode: "40000", oid: tree.oid };
      return findEntry(tree.content, posix.basename(path), tree.oid.length / 2);
    },
    file: (gitDir, oid, limit) => read(gitDir, oid, limit),
    drop,
  };
}

/** The message follows the headers after a blank line. */
function titleOf(commit: string): string {
  const start = commit.indexOf("\n\n");
  if (start < 0) return "";
  const [title = ""] = commit.slice(start + 2).split("\n", 1);
  return title.slice(0, LONGEST_TITLE);
}

function noCommit(sha: string): SkepError {
  return new SkepError(
    "source_unavailable",
    `reading the mirror: commit ${sha.slice(0, 7)} is not there`,
    {
      retryable: true,
      nextStep: "Nothing to do: the mirror is fetched anew before the next try.",
    },
  );
}

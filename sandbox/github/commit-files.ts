import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { git, resolveCommit, zeroSha } from "./git.ts";
import { timestamp } from "./hub.ts";

/** A commit to be made without a clone. */
export interface FilesCommit {
  readonly branch: string;
  /** Where the branch begins when it is new; from nothing when this is missing too. */
  readonly base: string;
  readonly message: string;
  /** Path → content; undefined removes the file. */
  readonly files: Readonly<Record<string, string | Buffer | undefined>>;
  readonly author: { readonly name: string; readonly email: string };
  readonly at: Date;
}

/** Adds a commit to a branch of a bare repository (made when missing); returns its id. */
export async function commitFiles(directory: string, commit: FilesCommit): Promise<string> {
  const ref = `refs/heads/${commit.branch}`;
  const old = await resolveCommit(directory, commit.branch);
  const parent = old ?? (await resolveCommit(directory, commit.base));
  const index = join(directory, `index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index };
  try {
    if (parent !== undefined) await git(directory, ["read-tree", parent], { env });
    const lines: string[] = [];
    for (const [path, content] of Object.entries(commit.files)) {
      const blob = content === undefined ? zeroSha : await writeBlob(directory, content);
      lines.push(`${content === undefined ? "0" : "100644"} ${blob}\t${path}\0`);
    }
    await git(directory, ["update-index", "-z", "--index-info"], { env, stdin: lines.join("") });
    const tree = (await git(directory, ["write-tree"], { env })).trim();
    const sha = await writeCommit(directory, commit, { tree, parent });
    await git(directory, ["update-ref", ref, sha, old ?? zeroSha]);
    return sha;
  } finally {
    await rm(index, { force: true });
  }
}

async function writeBlob(directory: string, content: string | Buffer): Promise<string> {
  return (await git(directory, ["hash-object", "-w", "--stdin"], { stdin: content })).trim();
}

async function writeCommit(
  directory: string,
  { message, author, at }: FilesCommit,
  { tree, parent }: { readonly tree: string; readonly parent: string | undefined },
): Promise<string> {
  const date = timestamp(at);
  const env = {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
    GIT_COMMITTER_DATE: date,
  };
  const parents = parent === undefined ? [] : ["-p", parent];
  return (
    await git(directory, ["commit-tree", tree, ...parents, "-F", "-"], { env, stdin: message })
  ).trim();
}

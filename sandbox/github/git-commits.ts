import { git } from "./git.ts";

/** Who wrote or committed, and when (ISO 8601 with the person's own zone). */
export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: string;
}

/** A commit as git knows it. */
export interface GitCommit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

/** A path that differs between two commits. */
export interface ChangedFile {
  readonly status: "added" | "modified" | "removed" | "renamed";
  readonly path: string;
  readonly previousPath?: string;
  readonly blob: string;
  readonly additions: number;
  readonly deletions: number;
}

// Only the message may hold line breaks, so it comes last; commits are divided by NUL.
const format = "%H%n%T%n%P%n%an%n%ae%n%aI%n%cn%n%ce%n%cI%n%B";

/** The commits that a `git log` range names, newest first. */
export async function readCommits(
  directory: string,
  range: readonly string[],
  page: { readonly skip?: number; readonly limit?: number } = {},
): Promise<GitCommit[]> {
  const text = await git(directory, [
    "log",
    "-z",
    `--format=${format}`,
    ...(page.skip ? [`--skip=${page.skip}`] : []),
    ...(page.limit === undefined ? [] : [`--max-count=${page.limit}`]),
    ...range,
    "--",
  ]);
  return text.split("\0").filter(Boolean).map(parseCommit);
}

/** One commit by its full id; throws when there is none. */
export async function readCommit(directory: string, sha: string): Promise<GitCommit> {
  const [commit] = await readCommits(directory, [sha], { limit: 1 });
  if (!commit) throw new Error(`reading commit ${sha}: it is not in ${directory}`);
  return commit;
}

function parseCommit(text: string): GitCommit {
  const lines = text.split("\n");
  const at = (index: number) => lines[index] ?? "";
  return {
    sha: at(0),
    tree: at(1),
    parents: at(2).split(" ").filter(Boolean),
    author: { name: at(3), email: at(4), date: at(5) },
    committer: { name: at(6), email: at(7), date: at(8) },
    message: lines.slice(9).join("\n").trimEnd(),
  };
}

/** How many commits a range holds. */
export async function countCommits(directory: string, range: readonly string[]): Promise<number> {
  const args = ["rev-list", "--count", "--end-of-options", ...range, "--"];
  return Number(await git(directory, args));
}

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** The files that differ; `from` undefined means "from nothing". Renames are one entry only when asked for. */
export async function readChangedFiles(
  directory: string,
  from: string | undefined,
  to: string,
  options: { readonly renames: boolean } = { renames: true },
): Promise<ChangedFile[]> {
  const renames = options.renames ? "--find-renames" : "--no-renames";
  const range = [from ?? emptyTree, to];
  const args = ["diff-tree", "-r", "-z", renames, "--raw", "--no-abbrev", "--numstat", ...range];
  return parseChanges(await git(directory, args));
}

/** Parses `--raw -z` entries followed by `--numstat -z` entries, one of each per file in the same order. */
function parseChanges(text: string): ChangedFile[] {
  const tokens = text.split("\0");
  const raw: Omit<ChangedFile, "additions" | "deletions">[] = [];
  let i = 0;
  while (tokens[i]?.startsWith(":")) {
    const [, , , blob = "", letter = ""] = (tokens[i] ?? "").split(" ");
    const path = tokens[i + 1] ?? "";
    const isMove = /^[RC]/.test(letter);
    const next = isMove ? (tokens[i + 2] ?? "") : path;
    raw.push({ status: statusOf(letter), path: next, blob, ...(isMove && { previousPath: path }) });
    i += isMove ? 3 : 2;
  }
  return raw.map((file) => {
    const [added = "", deleted = "", path] = (tokens[i] ?? "").split("\t");
    // A moved file's line ends in a tab; its two paths follow as entries of their own.
    i += path === "" ? 3 : 1;
    return { ...file, additions: Number(added) || 0, deletions: Number(deleted) || 0 };
  });
}

function statusOf(letter: string): ChangedFile["status"] {
  if (letter.startsWith("A")) return "added";
  if (letter.startsWith("D")) return "removed";
  return /^[RC]/.test(letter) ? "renamed" : "modified";
}

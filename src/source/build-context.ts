import { Readable } from "node:stream";
import type { Clock } from "../clock.ts";
import { SkepError } from "../errors.ts";
import { type NamedEntry, nameEntries, selectEntries } from "./context-entries.ts";
import { type Dockerignore, parseDockerignore } from "./dockerignore.ts";
import type { Git } from "./git.ts";
import { createGitBlobs, type GitBlobs } from "./git-blobs.ts";
import { tarStream } from "./tar-stream.ts";
import { normalizePath, parseTree } from "./tree.ts";

/** Which folder of which commit becomes a build context, and how large it may be. */
export interface ContextRequest {
  readonly sha: string;
  readonly path: string;
  readonly dockerfile: string;
  readonly maxBytes: number;
}

interface ContextDeps {
  readonly git: Git;
  readonly gitDir: string;
  readonly clock: Clock;
}

const LIST_TIMEOUT_MS = 60_000;
const STREAM_TIMEOUT_MS = 30 * 60_000;
const IGNORE_FILE_LIMIT = 256 * 1024;

/** The folder as a tar stream, read straight from Git's objects: no checkout, no attributes, no filters. */
export async function openBuildContext(deps: ContextDeps, want: ContextRequest): Promise<Readable> {
  const blobs = createGitBlobs(
    deps.git.start(["cat-file", "--batch"], {
      gitDir: deps.gitDir,
      timeoutMs: STREAM_TIMEOUT_MS,
    }),
  );
  try {
    const all = await listFolder(deps, want);
    const dockerfile = findDockerfile(all, want);
    const ignoreFile =
      all.find((entry) => isFile(entry) && entry.path === `${dockerfile}.dockerignore`) ??
      all.find((entry) => isFile(entry) && entry.path === ".dockerignore");
    blobs.request(ignoreFile === undefined ? [want.sha] : [want.sha, ignoreFile.oid]);
    const mtime = commitTime(await blobs.nextWhole());
    const rules = await readRules(blobs, ignoreFile);
    const always = new Set([dockerfile, ".dockerignore", `${dockerfile}.dockerignore`]);
    const entries = await selectEntries(all, rules, { always, clock: deps.clock });
    refuseTooLarge(entries, want);
    const stream = Readable.from(tarStream(blobs, entries, mtime), { objectMode: false });
    stream.once("close", () => blobs.close());
    return stream;
  } catch (error) {
    blobs.close();
    throw error;
  }
}

async function listFolder(deps: ContextDeps, want: ContextRequest): Promise<NamedEntry[]> {
  const path = normalizePath(want.path);
  const listed =
    path === null
      ? null
      : await deps.git.run(
          ["ls-tree", "-r", "-t", "-z", "--long", "--full-tree", `${want.sha}:${path}`],
          { gitDir: deps.gitDir, timeoutMs: LIST_TIMEOUT_MS },
        );
  if (listed?.code === 0) return nameEntries(parseTree(listed.stdout));
  throw new SkepError(
    "source_not_found",
    `reading the build context: commit ${want.sha.slice(0, 7)} has no folder ${JSON.stringify(want.path)}`,
    { nextStep: "Correct the path of the app, or of its `build.context`." },
  );
}

function isFile(entry: NamedEntry): boolean {
  return entry.kind === "file" || entry.kind === "executable";
}

function findDockerfile(entries: readonly NamedEntry[], want: ContextRequest): string {
  const path = normalizePath(want.dockerfile);
  if (entries.some((entry) => entry.path === path && entry.kind !== "directory")) return path ?? "";
  const where =
    normalizePath(want.path) === "" ? "" : ` in the folder ${JSON.stringify(want.path)}`;
  throw new SkepError(
    "dockerfile_missing",
    `reading the build context: commit ${want.sha.slice(0, 7)} has no file ${JSON.stringify(want.dockerfile)}${where}`,
    { nextStep: "Add the Dockerfile, or name the one to use in `build.dockerfile`." },
  );
}

async function readRules(
  blobs: GitBlobs,
  file: NamedEntry | undefined,
): Promise<Extract<Dockerignore, { readonly ok: true }>> {
  if (file === undefined) return { ok: true, ignore: () => false, patterns: 0 };
  const name = JSON.stringify(file.path);
  if (file.size > IGNORE_FILE_LIMIT)
    throw new SkepError("config_invalid", `reading ${name}: it is larger than 256 KB`, {
      nextStep: "Shorten it: patterns such as `**/*.log` cover many files.",
    });
  const rules = parseDockerignore((await blobs.nextWhole()).toString("utf8"));
  if (rules.ok) return rules;
  throw new SkepError(
    "config_invalid",
    `reading ${name}: line ${rules.line} is no valid pattern: ${JSON.stringify(rules.pattern)}`,
    { nextStep: "Correct the pattern; Docker refuses it too." },
  );
}

/** The committer's time in seconds. Docker's build cache does not look at it, but web servers' ETags do. */
function commitTime(commit: Buffer): number {
  const time = /^committer .* ([0-9]+) [+-][0-9]+$/m.exec(commit.toString("latin1"))?.[1];
  return Math.min(Number(time ?? 0), 0o77777777777);
}

function refuseTooLarge(entries: readonly NamedEntry[], want: ContextRequest): void {
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (total <= want.maxBytes) return;
  const largest = entries.toSorted((a, b) => b.size - a.size).slice(0, 5);
  throw new SkepError(
    "context_too_large",
    `reading the build context: its ${entries.length} entries hold ${megabytes(total)}, more than the limit of ${megabytes(want.maxBytes)}`,
    {
      evidence: largest.map((entry) => `${megabytes(entry.size)}  ${JSON.stringify(entry.path)}`),
      nextStep:
        "Leave large files out with a `.dockerignore`, or ask the operator to raise SKEP_CONTEXT_LIMIT.",
    },
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

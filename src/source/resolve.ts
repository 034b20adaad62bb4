import { rm } from "node:fs/promises";
import type { RepositoryRef } from "../deployment.ts";
import type { Git } from "./git.ts";
import { BRANCHES, TAGS, type Fetcher } from "./mirror-fetch.ts";
import type { MirrorReader, NamedCommit } from "./mirror-reader.ts";
import { isBranchName } from "./names.ts";
import type { Resolved, Source } from "./ports.ts";
import { failureOf, remoteError, type Remote } from "./remote.ts";

interface ResolverDeps {
  readonly git: Git;
  readonly reader: Pick<MirrorReader, "commit">;
  readonly fetcher: Pick<Fetcher, "fetchAll">;
  readonly remote: Remote;
}

const LOCAL_TIMEOUT_MS = 60_000;
/** GitHub has no longer names of branches and tags. */
const LONGEST_NAME = 255;
const FULL_SHA = 40;
const MOST_CANDIDATES = 10;
/** Short SHAs name one object, rarely two; one of few digits could name thousands. */
const MOST_OBJECTS = 100;
const UNKNOWN: Resolved = { kind: "unknown" };

/** What names mean in a repository: the part of `Source` that people's words reach. */
export function createResolver(deps: ResolverDeps): Pick<Source, "resolve" | "pullRequestHead"> {
  return {
    async resolve(repository, name) {
      if (name.length > LONGEST_NAME || !isBranchName(name)) return UNKNOWN;
      return deps.fetcher.fetchAll(repository, (gitDir) =>
        resolveIn(deps, { repository, gitDir, name }),
      );
    },

    async pullRequestHead(repository, number) {
      if (!Number.isSafeInteger(number) || number < 1) return null;
      const ref = `refs/pull/${number}/head`;
      const result = await deps.remote.run(repository, NO_REPOSITORY, (url) => [
        "ls-remote",
        "--quiet",
        "--",
        url,
        ref,
      ]);
      if (result.code !== 0) {
        const kind = failureOf(result);
        throw remoteError(kind, `asking for the head of pull request ${number}`, result);
      }
      // A branch whose name ends like this is listed as well.
      const lines = result.stdout.toString("utf8").split("\n");
      const head = lines.find((line) => line.endsWith(`\t${ref}`))?.split("\t")[0] ?? "";
      return /^[0-9a-f]{40}$/.test(head) ? head : null;
    },
  };
}

/** `git ls-remote` reads no repository, and shall not find one. */
const NO_REPOSITORY = "/nonexistent";

interface Question {
  readonly repository: RepositoryRef;
  readonly gitDir: string;
  /** Checked: Git allows it as the name of a branch, so it is neither an option nor an expression. */
  readonly name: string;
}

async function resolveIn(deps: ResolverDeps, question: Question): Promise<Resolved> {
  const { gitDir, name } = question;
  const refs = await Promise.all(
    placesOf(name).map(async ({ ref, place }) => {
      const commit = await deps.reader.commit(gitDir, `${place}^{commit}`);
      return commit && { ref, commit };
    }),
  );
  const named = refs.filter((found) => found !== null);
  const digits = /^[0-9a-f]{7,40}$/i.test(name) ? name.toLowerCase() : null;
  // A full SHA means the commit, as it does to git, whatever a branch is called.
  if (digits?.length === FULL_SHA) return resolveSha(deps, question, digits);
  const numbered = digits === null ? [] : await commitsBeginningWith(deps, gitDir, digits);
  const reached: NamedCommit[] = [];
  for (const commit of numbered) {
    if (await isReached(deps, gitDir, commit.sha)) reached.push(commit);
  }
  const candidates = [...named.map(({ ref }) => ref), ...reached.map(({ sha }) => sha)];
  if (candidates.length > 1) {
    return { kind: "ambiguous", candidates: candidates.slice(0, MOST_CANDIDATES) };
  }
  const [ref] = named;
  if (ref !== undefined) return { kind: "found", ref: ref.ref, ...ref.commit };
  const [commit] = reached;
  if (commit !== undefined) return { kind: "found", ref: null, ...commit };
  const [foreign] = numbered;
  return foreign === undefined ? UNKNOWN : { kind: "foreign", sha: foreign.sha };
}

/** The full refs that a name may mean, and where the mirror has them. */
function placesOf(name: string): readonly { readonly ref: string; readonly place: string }[] {
  const branch = /^refs\/heads\/(.+)$/.exec(name)?.[1];
  const tag = /^refs\/tags\/(.+)$/.exec(name)?.[1];
  const inBranches = branch ?? (tag === undefined ? name : null);
  const inTags = tag ?? (branch === undefined ? name : null);
  return [
    ...(inBranches === null
      ? []
      : [{ ref: `refs/heads/${inBranches}`, place: `${BRANCHES}${inBranches}` }]),
    ...(inTags === null ? [] : [{ ref: `refs/tags/${inTags}`, place: `${TAGS}${inTags}` }]),
  ];
}

async function resolveSha(deps: ResolverDeps, question: Question, sha: string): Promise<Resolved> {
  const { gitDir } = question;
  const commit = await deps.reader.commit(gitDir, `${sha}^{commit}`);
  if (commit === null) {
    const isServed = await isServedBySha(deps, question, sha);
    return isServed ? { kind: "foreign", sha } : UNKNOWN;
  }
  const isOurs = await isReached(deps, gitDir, commit.sha);
  return isOurs ? { kind: "found", ref: null, ...commit } : { kind: "foreign", sha: commit.sha };
}

async function commitsBeginningWith(
  deps: ResolverDeps,
  gitDir: string,
  digits: string,
): Promise<readonly NamedCommit[]> {
  const args = ["rev-parse", `--disambiguate=${digits}`];
  const listed = await deps.git.run(args, { gitDir, timeoutMs: LOCAL_TIMEOUT_MS });
  if (listed.code !== 0) throw remoteError("unavailable", "reading the mirror", listed);
  const objects = listed.stdout.toString("latin1").split("\n").filter(Boolean);
  const commits = await Promise.all(
    objects.slice(0, MOST_OBJECTS).map((oid) => deps.reader.commit(gitDir, oid)),
  );
  return commits.filter((commit) => commit !== null);
}

/** Whether a branch or a tag of the repository has the commit. Others may be in the mirror, of forks for instance. */
async function isReached(deps: ResolverDeps, gitDir: string, sha: string): Promise<boolean> {
  const all = [BRANCHES, TAGS].map((prefix) => `--glob=${prefix}*`);
  const args = ["rev-list", "--max-count=1", "--not", ...all, "--not", "--end-of-options", sha];
  const outside = await deps.git.run(args, { gitDir, timeoutMs: LOCAL_TIMEOUT_MS });
  if (outside.code !== 0) throw remoteError("unavailable", "reading the mirror", outside);
  return outside.stdout.length === 0;
}

/**
 * Whether GitHub has a commit that no branch and no tag leads to: it serves those of forks by their SHA. The commit alone
 * is fetched, into a repository that is thrown away.
 */
async function isServedBySha(
  { git, remote }: ResolverDeps,
  { repository, gitDir }: Question,
  sha: string,
): Promise<boolean> {
  const scratch = `${gitDir}.scratch`;
  const remove = (): Promise<void> => rm(scratch, { recursive: true, force: true });
  const doing = `looking for commit ${sha}`;
  await remove();
  try {
    const init = ["init", "--quiet", "--bare", "--template=", "--initial-branch=none"];
    const made = await git.run(init, { gitDir: scratch, timeoutMs: LOCAL_TIMEOUT_MS });
    if (made.code !== 0) throw remoteError("unavailable", doing, made);
    const flags = ["--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1", "--filter=tree:0"];
    const fetched = await remote.run(repository, scratch, (url) => [
      "fetch",
      ...flags,
      "--",
      url,
      sha,
    ]);
    if (fetched.code === 0) return true;
    const kind = failureOf(fetched);
    if (kind === "not_found") return false;
    throw remoteError(kind, doing, fetched);
  } finally {
    await remove();
  }
}

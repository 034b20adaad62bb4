import { mkdirSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import { createGit, type GitProcess } from "../../src/source/git.ts";
import { createMirrorReader } from "../../src/source/mirror-reader.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

let dir: TempDir;
let ending: AbortController;

beforeEach(async () => {
  dir = await makeTempDir();
  ending = new AbortController();
});
afterEach(async () => {
  ending.abort();
  await dir.remove();
});

/** A repository with these files in one commit, and a reader that tells which processes it started. */
function readerOf(files: Readonly<Record<string, string>>, name = "one") {
  const workTree = join(dir.path, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workTree, path)), { recursive: true });
    writeFileSync(join(workTree, path), text);
  }
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", workTree, "-c", "user.name=A", "-c", "user.email=a@b.c", ...args], {
      encoding: "utf8",
    }).trim();
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "-m", "all");
  const started: GitProcess[] = [];
  const real = createGit({
    clock: createSystemClock(),
    protocols: [],
    environment: process.env,
    signal: ending.signal,
  });
  const reader = createMirrorReader({
    ...real,
    start(args, options) {
      const child = real.start(args, options);
      started.push(child);
      return child;
    },
  });
  return { reader, started, git, gitDir: join(workTree, ".git"), sha: git("rev-parse", "HEAD") };
}

it("answers all questions about a mirror from one process, also those asked at once", async () => {
  const files = { "a.txt": "a", "b/c.txt": "c".repeat(300_000), "b/ü d.txt": "d" };
  const { reader, started, git, gitDir, sha } = readerOf(files);
  const paths = ["a.txt", "b/c.txt", "b", "", "nowhere", "b/ü d.txt", "a.txt/x"];
  const entries = await Promise.all(paths.map((path) => reader.entry(gitDir, sha, path)));
  expect(entries.map((entry) => entry?.oid ?? null)).toEqual([
    git("rev-parse", "HEAD:a.txt"),
    git("rev-parse", "HEAD:b/c.txt"),
    git("rev-parse", "HEAD:b"),
    git("rev-parse", "HEAD^{tree}"),
    null,
    git("rev-parse", "HEAD:b/ü d.txt"),
    null,
  ]);
  const [, large] = entries;
  expect((await reader.file(gitDir, large?.oid ?? "", 300_000))?.content?.length).toBe(300_000);
  expect(await reader.file(gitDir, large?.oid ?? "", 10)).toMatchObject({ content: null });
  expect(await reader.hasCommit(gitDir, sha)).toBe(true);
  expect(started).toHaveLength(1);
});

it("tells a commit that is not there from a path that is not", async () => {
  const { reader, gitDir, sha } = readerOf({ "a.txt": "a" });
  expect(await reader.hasCommit(gitDir, "1".repeat(40))).toBe(false);
  expect(await reader.entry(gitDir, sha, "x/y")).toBeNull();
  await expect(reader.entry(gitDir, "1".repeat(40), "x/y")).rejects.toMatchObject({
    code: "source_unavailable",
  });
});

it("asks for no more than one thing in a line", async () => {
  const { reader, gitDir, sha } = readerOf({ "a.txt": "a" });
  expect(await reader.entry(gitDir, sha, `x\n${sha}:a.txt/y`)).toBeNull();
  expect(await reader.entry(gitDir, sha, "a.txt")).not.toBeNull();
});

it("sees commits that came after it began", async () => {
  const { reader, git, gitDir, sha } = readerOf({ "a.txt": "a" });
  await reader.entry(gitDir, sha, "a.txt");
  git("commit", "--quiet", "--allow-empty", "-m", "next");
  git("repack", "-adq");
  expect(await reader.hasCommit(gitDir, git("rev-parse", "HEAD"))).toBe(true);
});

it("makes up for a process that was killed, and fails when the mirror is gone", async () => {
  const { reader, started, gitDir, sha } = readerOf({ "a.txt": "a" });
  await reader.entry(gitDir, sha, "a.txt");
  const [first] = started;
  if (first === undefined) throw new Error("no process was started");
  const closed = once(first, "close");
  first.kill("SIGKILL");
  await closed;
  expect(await reader.entry(gitDir, sha, "a.txt")).not.toBeNull();
  expect(started).toHaveLength(2);
  await expect(reader.hasCommit(join(dir.path, "nowhere"), sha)).rejects.toMatchObject({
    code: "source_unavailable",
    retryable: true,
  });
});

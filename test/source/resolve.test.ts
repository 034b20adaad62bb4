import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import { createGitMirror, type GitMirror } from "../../src/source/git-mirror.ts";
import { type GitServer, startGitServer } from "../support/git-server.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

/** Where a mirror keeps the branch. */
const MAIN = "refs/mirror/heads/main";
const TOKEN = "ghs_verysecret123";

let server: GitServer;
let dir: TempDir;
let mirror: GitMirror;
let count = 0;

function newMirror(): GitMirror {
  const write = (): void => undefined;
  return createGitMirror({
    dir: dir.path,
    cloneUrl: ({ name }) => `${server.url}/${name}.git`,
    token: () => Promise.resolve(TOKEN),
    clock: createSystemClock(),
    log: { debug: write, info: write, warn: write, error: write },
  });
}

function newRepository() {
  const name = `shop${++count}`;
  server.create(name);
  const git = (...args: string[]): string => server.git(name, ...args);
  const push = (...refspecs: string[]): string =>
    git("push", "--quiet", "--force", "origin", ...refspecs);
  /** A new commit on top of `HEAD`, pushed to nowhere. */
  const commit = (title: string): string => {
    git("commit", "--quiet", "--allow-empty", "-m", title);
    return git("rev-parse", "HEAD");
  };
  const ref = { id: count, owner: "acme", name, installationId: 100 };
  return { ref, name, git, push, commit };
}

beforeAll(async () => {
  server = await startGitServer(TOKEN);
});
afterAll(() => server.stop());
beforeEach(async () => {
  server.answerWith(null);
  dir = await makeTempDir();
  mirror = newMirror();
  return async () => {
    mirror.close();
    await dir.remove();
  };
});

describe("a name", () => {
  it("is a branch, a tag, a full ref or a SHA", async () => {
    const { ref, git, push, commit } = newRepository();
    const first = commit("First of all\n\nWith a body.");
    git("tag", "v1.0.0");
    git("tag", "-a", "v1.0.1", "-m", "annotated");
    git("tag", "-a", "again", "-m", "a tag of a tag", "v1.0.1");
    const second = commit("Second");
    push("HEAD:refs/heads/main", `${first}:refs/heads/feature/x`, "--tags");
    const at = (sha: string, full: string | null, title = "First of all") => ({
      kind: "found",
      sha,
      ref: full,
      title,
    });
    expect(await mirror.resolve(ref, "main")).toEqual(at(second, "refs/heads/main", "Second"));
    expect(await mirror.resolve(ref, "feature/x")).toEqual(at(first, "refs/heads/feature/x"));
    for (const tag of ["v1.0.0", "v1.0.1", "again"]) {
      expect(await mirror.resolve(ref, tag)).toEqual(at(first, `refs/tags/${tag}`));
      expect(await mirror.resolve(ref, `refs/tags/${tag}`)).toEqual(at(first, `refs/tags/${tag}`));
      expect(await mirror.resolve(ref, `refs/heads/${tag}`)).toEqual({ kind: "unknown" });
    }
    expect(await mirror.resolve(ref, "refs/heads/main")).toMatchObject({ sha: second });
    expect(await mirror.resolve(ref, "refs/tags/main")).toEqual({ kind: "unknown" });
    for (const name of [first, first.slice(0, 7), first.slice(0, 20).toUpperCase()])
      expect(await mirror.resolve(ref, name)).toEqual(at(first, null));
    const annotation = git("rev-parse", "v1.0.1");
    expect(annotation).not.toBe(first);
    expect(await mirror.resolve(ref, annotation)).toEqual(at(first, null));
  });

  it("means what it names now, and nothing once it is deleted", async () => {
    const { ref, git, push, commit } = newRepository();
    const first = commit("First");
    git("tag", "latest");
    push("HEAD:refs/heads/main", "HEAD:refs/heads/old", "--tags");
    expect(await mirror.resolve(ref, "latest")).toMatchObject({ sha: first });
    const second = commit("Second");
    git("tag", "--force", "latest");
    push("HEAD:refs/heads/main", "--tags");
    expect(await mirror.resolve(ref, "latest")).toMatchObject({ sha: second });
    push(":refs/tags/latest", ":refs/heads/old", "HEAD:refs/heads/old/and/new");
    expect(await mirror.resolve(ref, "latest")).toEqual({ kind: "unknown" });
    expect(await mirror.resolve(ref, "old")).toEqual({ kind: "unknown" });
    expect(await mirror.resolve(ref, "old/and/new")).toMatchObject({ sha: second });
  });

  it("of both a branch and a tag is ambiguous, with full refs to choose from", async () => {
    const { ref, git, push, commit } = newRepository();
    commit("First");
    git("tag", "v2");
    push("HEAD:refs/heads/v2", "--tags");
    expect(await mirror.resolve(ref, "v2")).toEqual({
      kind: "ambiguous",
      candidates: ["refs/heads/v2", "refs/tags/v2"],
    });
    expect(await mirror.resolve(ref, "refs/tags/v2")).toMatchObject({ ref: "refs/tags/v2" });
  });

  it("that looks like a short SHA may be a branch, and is ambiguous when it is both", async () => {
    const { ref, push, commit } = newRepository();
    const first = commit("First");
    push("HEAD:refs/heads/main", "HEAD:refs/heads/deadbeef");
    expect(await mirror.resolve(ref, "deadbeef")).toMatchObject({ ref: "refs/heads/deadbeef" });
    const short = first.slice(0, 8);
    push(`HEAD:refs/heads/${short}`);
    expect(await mirror.resolve(ref, short)).toEqual({
      kind: "ambiguous",
      candidates: [`refs/heads/${short}`, first],
    });
  });

  it("that is a tag of a file names no commit", async () => {
    const { ref, git, push, commit } = newRepository();
    commit("First");
    git("tag", "empty", git("hash-object", "-t", "tree", "-w", "/dev/null"));
    push("HEAD:refs/heads/main", "--tags");
    expect(await mirror.resolve(ref, "empty")).toEqual({ kind: "unknown" });
    expect(await mirror.resolve(ref, "main")).toMatchObject({ kind: "found" });
  });

  it("is unknown when it is no name that git allows, and git never sees it", async () => {
    const { ref, push, commit } = newRepository();
    commit("First");
    push("HEAD:refs/heads/main");
    const before = server.requests.length;
    const names = [
      "--upload-pack=touch /tmp/x",
      "-x",
      "..",
      "../..",
      "a/../b",
      "main..main",
      "main^{tree}",
      "main~1",
      "main:Dockerfile",
      ":/First",
      "@{-1}",
      "main@{1}",
      "a b",
      "a\nb",
      "a\0b",
      "",
      "/main",
      "main/",
      "a//b",
      "x.lock",
      "*",
      "[a]",
      "$(reboot) ",
      "a".repeat(256),
      "\u001b[31m",
      ".git",
      "HEAD^",
    ];
    for (const name of names) expect(await mirror.resolve(ref, name)).toEqual({ kind: "unknown" });
    expect(server.requests.length).toBe(before);
  });

  it("is unknown when nothing is called so, in a repository or an empty one", async () => {
    const { ref, push, commit } = newRepository();
    expect(await mirror.resolve(ref, "main")).toEqual({ kind: "unknown" });
    commit("First");
    push("HEAD:refs/heads/main");
    const names = ["$(reboot)", "`id`", "<script>", "HEAD", "@", "refs/mirror/heads/main"];
    for (const name of names.concat("refs/pull/1/head", "origin/main", "abc", "abcdef0"))
      expect(await mirror.resolve(ref, name)).toEqual({ kind: "unknown" });
    expect(await mirror.resolve(ref, "1".repeat(40))).toEqual({ kind: "unknown" });
  });

  it("of any text is found, unknown, or ambiguous, never more", async () => {
    const { ref, push, commit } = newRepository();
    commit("First");
    push("HEAD:refs/heads/main");
    const text = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(...Array.from("-./~^:{}@ \nmain012ab")) }),
    );
    await fc.assert(
      fc.asyncProperty(text, async (name) => {
        const { kind } = await mirror.resolve(ref, name);
        expect(kind).toBe(name === "main" ? "found" : "unknown");
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe("a commit that no branch and no tag has", () => {
  it.each(["before it was ever fetched", "though it is in the mirror"])(
    "is foreign %s",
    async (when) => {
      const { ref, push, commit } = newRepository();
      const first = commit("First");
      push("HEAD:refs/heads/main");
      const forks = commit("From a fork");
      push("HEAD:refs/pull/5/head");
      if (when.startsWith("though")) {
        await mirror.fetch(ref, { sha: forks, defaultBranch: null });
        expect(await mirror.resolve(ref, forks.slice(0, 10))).toEqual({
          kind: "foreign",
          sha: forks,
        });
      }
      expect(await mirror.resolve(ref, forks)).toEqual({ kind: "foreign", sha: forks });
      expect(await mirror.resolve(ref, "refs/pull/5/head")).toEqual({ kind: "unknown" });
      expect(await mirror.resolve(ref, first)).toMatchObject({ kind: "found" });
      expect(readdirSync(dir.path)).toEqual([`${ref.id}.git`]);
      // Merged, it is the repository's own.
      push("HEAD:refs/heads/main");
      expect(await mirror.resolve(ref, forks)).toMatchObject({
        kind: "found",
        title: "From a fork",
      });
    },
  );

  it("is foreign by a server that sends the commit without its files, too", async () => {
    const { ref, name, git, push, commit } = newRepository();
    commit("First");
    push("HEAD:refs/heads/main");
    const bare = ["-C", `../${name}.git`, "config"];
    git(...bare, "uploadpack.allowFilter", "true");
    git(...bare, "uploadpack.allowAnySHA1InWant", "true");
    const forks = commit("From a fork");
    push("HEAD:refs/pull/5/head");
    expect(await mirror.resolve(ref, forks)).toEqual({ kind: "foreign", sha: forks });
    expect(await mirror.resolve(ref, "3".repeat(40))).toEqual({ kind: "unknown" });
    expect(readdirSync(dir.path)).toEqual([`${ref.id}.git`]);
  });

  it("is foreign again once its branch is deleted", async () => {
    const { ref, push, commit } = newRepository();
    commit("First");
    push("HEAD:refs/heads/main");
    const taken = commit("Taken back");
    push("HEAD:refs/heads/wip");
    expect(await mirror.resolve(ref, taken)).toMatchObject({ kind: "found", ref: null });
    push(":refs/heads/wip");
    expect(await mirror.resolve(ref, taken)).toEqual({ kind: "foreign", sha: taken });
  });
});

describe("the head of a pull request", () => {
  it("is what GitHub shows now, and null for none", async () => {
    const { ref, push, commit } = newRepository();
    const first = commit("First");
    push("HEAD:refs/heads/main", "HEAD:refs/pull/5/head", "HEAD:refs/heads/refs/pull/6/head");
    expect(await mirror.pullRequestHead(ref, 5)).toBe(first);
    const second = commit("Second");
    push("HEAD:refs/pull/5/head");
    expect(await mirror.pullRequestHead(ref, 5)).toBe(second);
    for (const number of [6, 55, 0, -5, 1.5, Number.NaN])
      expect(await mirror.pullRequestHead(ref, number)).toBeNull();
    expect(existsSync(join(dir.path, `${ref.id}.git`))).toBe(false);
  });
});

describe("a server that does not answer", () => {
  it("is asked again later, and never with a wrong answer instead", async () => {
    const { ref, push, commit } = newRepository();
    const first = commit("First");
    push("HEAD:refs/heads/main");
    await mirror.resolve(ref, "main");
    server.answerWith((_, response) => void response.writeHead(503).end());
    const away = { code: "source_unavailable", retryable: true };
    await expect(mirror.resolve(ref, "main")).rejects.toMatchObject(away);
    await expect(mirror.resolve(ref, "2".repeat(40))).rejects.toMatchObject(away);
    await expect(mirror.pullRequestHead(ref, 5)).rejects.toMatchObject(away);
    server.answerWith(null);
    expect(await mirror.resolve(ref, "main")).toMatchObject({ sha: first });
  });

  it("shares a fetch among those who ask at the same time", async () => {
    const { ref, push, commit } = newRepository();
    const first = commit("First");
    push("HEAD:refs/heads/main");
    await mirror.resolve(ref, "main");
    const before = server.requests.length;
    const found = await Promise.all(Array.from({ length: 8 }, () => mirror.resolve(ref, first)));
    expect(found.every(({ kind }) => kind === "found")).toBe(true);
    expect(server.requests.length - before).toBeLessThanOrEqual(4);
  });
});

describe("a mirror that was damaged", () => {
  it.each([
    ["a broken ref", (gitDir: string) => writeFileSync(join(gitDir, MAIN), "\0\0")],
    [
      "a ref to nowhere",
      (gitDir: string) => writeFileSync(join(gitDir, MAIN), `${"1".repeat(40)}\n`),
    ],
    ["no objects", (gitDir: string) => rmSync(join(gitDir, "objects/pack"), { recursive: true })],
    ["no refs", (gitDir: string) => rmSync(join(gitDir, "refs"), { recursive: true })],
    ["a stale lock", (gitDir: string) => writeFileSync(join(gitDir, `${MAIN}.lock`), "half")],
    ["nothing", (gitDir: string) => rmSync(gitDir, { recursive: true })],
  ])("with %s mends itself before it answers", async (_, damage) => {
    const { ref, push, commit } = newRepository();
    const sha = commit("First");
    push("HEAD:refs/heads/main");
    await mirror.resolve(ref, "main");
    mirror.close();
    damage(join(dir.path, `${ref.id}.git`));
    const after = newMirror();
    for (const name of ["main", sha, sha.slice(0, 7)])
      expect(await after.resolve(ref, name)).toMatchObject({ kind: "found", sha });
    after.close();
  });
});

it("keeps branches whose names look like leftovers of a killed git", async () => {
  const { ref, push, commit } = newRepository();
  commit("First");
  push("HEAD:refs/heads/tmp_x", "HEAD:refs/heads/y.keep");
  await mirror.resolve(ref, "tmp_x");
  const after = newMirror();
  expect(await after.resolve(ref, "y.keep")).toMatchObject({ kind: "found" });
  after.close();
});

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import * as tar from "tar-stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import { createGitMirror, type GitMirror } from "../../src/source/git-mirror.ts";
import { type GitServer, startGitServer } from "../support/git-server.ts";
import { createRecordedLog } from "../support/recorded-log.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitUntil } from "../support/wait-until.ts";

let server: GitServer;
let dir: TempDir;
let mirror: GitMirror;
let count = 0;
let repository: { id: number; owner: string; name: string; installationId: number };
let workTree: string;

beforeAll(async () => {
  server = await startGitServer("token");
  dir = await makeTempDir();
  mirror = createGitMirror({
    dir: dir.path,
    cloneUrl: ({ name }) => `${server.url}/${name}.git`,
    token: () => Promise.resolve("token"),
    clock: createSystemClock(),
    log: createRecordedLog(),
  });
});
afterAll(async () => {
  mirror.close();
  await server.stop();
  await dir.remove();
});
beforeEach(() => {
  count += 1;
  repository = { id: count, owner: "acme", name: `shop${count}`, installationId: 100 };
  workTree = server.create(repository.name).workTree;
});

function write(files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workTree, path)), { recursive: true });
    writeFileSync(join(workTree, path), content);
  }
}

async function context(
  want: { path?: string; dockerfile?: string; maxBytes?: number } = {},
): Promise<Readable> {
  const sha = server.push(repository.name);
  await mirror.fetch(repository, { sha, defaultBranch: "main" });
  return mirror.context(repository, {
    sha,
    path: ".",
    dockerfile: "Dockerfile",
    maxBytes: 100_000_000,
    ...want,
  });
}

function childCommands(): string[] {
  const parent = `/proc/${process.pid}/task/${process.pid}/children`;
  return readFileSync(parent, "utf8")
    .split(" ")
    .filter((pid) => pid !== "" && existsSync(`/proc/${pid}/cmdline`))
    .map((pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1"));
}

interface Unpacked {
  readonly header: tar.Header;
  readonly text: string;
}

async function unpack(stream: Readable): Promise<Map<string, Unpacked>> {
  const entries = new Map<string, Unpacked>();
  for await (const entry of stream.pipe(tar.extract())) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    entries.set(entry.header.name, {
      header: entry.header,
      text: Buffer.concat(chunks).toString(),
    });
  }
  return entries;
}

async function names(stream: Readable): Promise<string[]> {
  return [...(await unpack(stream)).keys()].toSorted();
}

describe("a build context", () => {
  it("holds files, folders, modes, links and the commit's time", async () => {
    write({ Dockerfile: "FROM scratch\n", "bin/run": "#!/bin/sh\n", "src/a.ts": "a", empty: "" });
    chmodSync(join(workTree, "bin/run"), 0o755);
    symlinkSync("../src/a.ts", join(workTree, "bin/link"));
    const entries = await unpack(await context());
    const seconds = Number(server.git(repository.name, "show", "-s", "--format=%ct"));
    expect([...entries.keys()]).toEqual([
      "Dockerfile",
      "bin/",
      "bin/link",
      "bin/run",
      "empty",
      "src/",
      "src/a.ts",
    ]);
    expect(entries.get("bin/run")?.header).toMatchObject({
      type: "file",
      mode: 0o755,
      uid: 0,
      gid: 0,
    });
    expect(entries.get("src/a.ts")?.header).toMatchObject({ type: "file", mode: 0o644 });
    expect(entries.get("src/")?.header).toMatchObject({ type: "directory", mode: 0o755 });
    expect(entries.get("bin/link")?.header).toMatchObject({
      type: "symlink",
      linkname: "../src/a.ts",
    });
    expect(entries.get("src/a.ts")?.text).toBe("a");
    expect(entries.get("empty")?.text).toBe("");
    for (const { header } of entries.values()) expect(header.mtime?.getTime()).toBe(seconds * 1000);
  });

  it("is the same to the last byte each time", async () => {
    write({ Dockerfile: "FROM scratch\n", "a/b": "x".repeat(200_000) });
    const sha = server.push(repository.name);
    await mirror.fetch(repository, { sha, defaultBranch: "main" });
    const want = { sha, path: "", dockerfile: "Dockerfile", maxBytes: 1e9 };
    const first = await buffer(await mirror.context(repository, want));
    const second = await buffer(await mirror.context(repository, want));
    expect(first.equals(second)).toBe(true);
  });

  it("is what another tar unpacks to the very tree of the commit", async () => {
    write({
      Dockerfile: "FROM scratch\n",
      "binary.bin": Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256)),
      [`${"long/".repeat(40)}file`]: "long",
      "ümläut/日本.txt": "utf-8",
      "-rf": "dash",
      "two\nlines": "newline",
      "sp ace\t": "tab",
    });
    symlinkSync("x/".repeat(100), join(workTree, "longlink"));
    // A name that is no UTF-8, as an index entry: not every file system can hold it.
    const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], {
      cwd: workTree,
      input: "bytes",
    });
    const entry = Buffer.concat([
      Buffer.from(`100644 ${blob.toString().trim()}\t`),
      Buffer.from([0x66, 0xff, 0xfe]),
      Buffer.from([0]),
    ]);
    server.git(repository.name, "add", "--all");
    execFileSync("git", ["update-index", "-z", "--index-info"], { cwd: workTree, input: entry });
    server.git(repository.name, "commit", "--quiet", "-m", "Names");
    server.git(repository.name, "push", "--quiet", "origin", "HEAD:refs/heads/main");
    const sha = server.git(repository.name, "rev-parse", "HEAD");
    await mirror.fetch(repository, { sha, defaultBranch: "main" });
    const want = { sha, path: "/", dockerfile: "./Dockerfile", maxBytes: 1e9 };
    const archive = await buffer(await mirror.context(repository, want));
    const out = await makeTempDir();
    execFileSync("tar", ["-x", "-C", out.path], { input: archive });
    execFileSync("git", ["init", "--quiet"], { cwd: out.path });
    execFileSync("git", ["add", "--all", "--force"], { cwd: out.path });
    const tree = execFileSync("git", ["write-tree"], { cwd: out.path }).toString().trim();
    await out.remove();
    expect(tree).toBe(server.git(repository.name, "rev-parse", "HEAD^{tree}"));
  });

  it("drops nothing and changes nothing on the word of .gitattributes", async () => {
    write({
      Dockerfile: "FROM scratch\n",
      ".gitattributes": "secret export-ignore\n*.txt export-subst text eol=crlf ident\n",
      secret: "kept",
      "a.txt": "$Format:%H$ $Id$\n",
    });
    const entries = await unpack(await context());
    expect(entries.get("secret")?.text).toBe("kept");
    expect(entries.get("a.txt")?.text).toBe("$Format:%H$ $Id$\n");
  });

  it("skips submodules", async () => {
    write({ Dockerfile: "FROM scratch\n", a: "a" });
    const gitlink = `160000,${"1".repeat(40)},vendored`;
    server.git(repository.name, "update-index", "--add", "--cacheinfo", gitlink);
    server.git(repository.name, "commit", "--quiet", "-m", "Link");
    expect(await names(await context())).toEqual(["Dockerfile", "a"]);
  });

  it("starts at a folder", async () => {
    write({ "web/Dockerfile": "FROM scratch\n", "web/src/a": "a", "other/b": "b" });
    expect(await names(await context({ path: "./web/" }))).toEqual(["Dockerfile", "src/", "src/a"]);
  });

  it("holds many small files in little time", async () => {
    const files = Array.from({ length: 3000 }, (_, i) => [`src/d${i % 50}/f${i}`, `${i}`] as const);
    write({ Dockerfile: "FROM scratch\n", ...Object.fromEntries(files) });
    const stream = await context();
    const started = performance.now();
    expect((await names(stream)).length).toBe(3000 + 50 + 2);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe("what .dockerignore says", () => {
  it("is done, exceptions and their folders included", async () => {
    write({
      Dockerfile: "FROM scratch\n",
      ".dockerignore": "# all but the sources\n*\n!src\nsrc/**/*.test.ts\n",
      "README.md": "x",
      "src/a.ts": "a",
      "src/deep/a.test.ts": "t",
      "node_modules/x/index.js": "x",
    });
    expect(await names(await context())).toEqual([
      ".dockerignore",
      "Dockerfile",
      "src/",
      "src/a.ts",
      "src/deep/",
    ]);
  });

  it("keeps the folder of an exception deep inside an ignored one", async () => {
    write({
      Dockerfile: "FROM scratch\n",
      ".dockerignore": "dist\n!dist/keep/me\n",
      "dist/keep/me": "m",
      "dist/other": "o",
    });
    expect(await names(await context())).toEqual([
      ".dockerignore",
      "Dockerfile",
      "dist/",
      "dist/keep/",
      "dist/keep/me",
    ]);
  });

  it("never takes away the Dockerfile or itself", async () => {
    write({ "docker/Dockerfile.prod": "FROM scratch\n", ".dockerignore": "**\n", a: "a" });
    expect(await names(await context({ dockerfile: "docker/Dockerfile.prod" }))).toEqual([
      ".dockerignore",
      "docker/",
      "docker/Dockerfile.prod",
    ]);
  });

  it("comes from the Dockerfile's own ignore file first", async () => {
    write({
      "docker/Dockerfile.prod": "FROM scratch\n",
      "docker/Dockerfile.prod.dockerignore": "b\n",
      ".dockerignore": "a\n",
      a: "a",
      b: "b",
    });
    expect(await names(await context({ dockerfile: "docker/Dockerfile.prod" }))).toEqual([
      ".dockerignore",
      "a",
      "docker/",
      "docker/Dockerfile.prod",
      "docker/Dockerfile.prod.dockerignore",
    ]);
  });

  it("is refused at its line when Docker would refuse it", async () => {
    write({ Dockerfile: "FROM scratch\n", ".dockerignore": "a\n[\n" });
    await expect(context()).rejects.toMatchObject({
      code: "config_invalid",
      message: 'reading ".dockerignore": line 2 is no valid pattern: "["',
    });
  });
});

describe("a context that cannot be", () => {
  it("is refused when it is too large, naming the largest files", async () => {
    write({ Dockerfile: "FROM scratch\n", "dump.sql": "x".repeat(2_000_000), small: "s" });
    await expect(context({ maxBytes: 1_000_000 })).rejects.toMatchObject({
      code: "context_too_large",
      message:
        "reading the build context: its 3 entries hold 2.0 MB, more than the limit of 1.0 MB",
      evidence: ['2.0 MB  "dump.sql"', '0.0 MB  "Dockerfile"', '0.0 MB  "small"'],
    });
  });

  it("does not count what .dockerignore leaves out", async () => {
    write({
      Dockerfile: "FROM scratch\n",
      ".dockerignore": "*.sql",
      "d.sql": "x".repeat(2_000_000),
    });
    expect(await names(await context({ maxBytes: 1_000_000 }))).toHaveLength(2);
  });

  it.each([
    ["dockerfile_missing", { dockerfile: "nowhere/Dockerfile" }],
    ["dockerfile_missing", { dockerfile: "src" }],
    ["dockerfile_missing", { dockerfile: "../Dockerfile" }],
    ["source_not_found", { path: "nowhere" }],
    ["source_not_found", { path: "../.." }],
    ["source_not_found", { path: "src/a" }],
  ])("is refused as %s for %j", async (code, want) => {
    write({ Dockerfile: "FROM scratch\n", "src/a": "a" });
    await expect(context(want)).rejects.toMatchObject({ code });
  });

  it("leaves no git process behind when nobody reads it", async () => {
    write({ Dockerfile: "FROM scratch\n", big: "x".repeat(5_000_000) });
    const stream = await context();
    expect(childCommands().some((line) => line.includes("cat-file"))).toBe(true);
    stream.destroy();
    await once(stream, "close");
    await waitUntil(
      "git is gone",
      () => !childCommands().some((line) => line.includes("cat-file")),
    );
  });
});

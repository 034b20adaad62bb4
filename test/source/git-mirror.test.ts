import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import { createGitMirror, type GitMirror } from "../../src/source/git-mirror.ts";
import { type GitServer, startGitServer } from "../support/git-server.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitUntil } from "../support/wait-until.ts";

const TOKEN = "ghs_verysecret123";

let server: GitServer;
let dir: TempDir;
let mirror: GitMirror;
let logged: string;
let count = 0;

function newMirror(options: { token?: string; fetchTimeoutMs?: number } = {}): GitMirror {
  const write = (data: object, message: string): void => {
    logged += `${message} ${JSON.stringify(data)}\n`;
  };
  return createGitMirror({
    dir: dir.path,
    cloneUrl: ({ name }) => `${server.url}/${name}.git`,
    token: () => Promise.resolve(options.token ?? TOKEN),
    clock: createSystemClock(),
    log: { debug: write, info: write, warn: write, error: write },
    ...(options.fetchTimeoutMs === undefined ? {} : { fetchTimeoutMs: options.fetchTimeoutMs }),
  });
}

function newRepository() {
  count += 1;
  const name = `shop${count}`;
  const { workTree } = server.create(name);
  const write = (path: string, text: string): void => {
    mkdirSync(join(workTree, path, ".."), { recursive: true });
    writeFileSync(join(workTree, path), text);
  };
  write("Dockerfile", "FROM scratch\n");
  const ref = { id: count, owner: "acme", name, installationId: 100 };
  return { ref, name, workTree, write, gitDir: join(dir.path, `${count}.git`) };
}

/** What a process list shows now. */
function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "latin1")];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

beforeAll(async () => {
  server = await startGitServer(TOKEN);
});
afterAll(() => server.stop());
beforeEach(async () => {
  logged = "";
  server.answerWith(null);
  dir = await makeTempDir();
  mirror = newMirror();
  return async () => {
    mirror.close();
    await dir.remove();
  };
});

describe("fetching", () => {
  it("brings the commit and tells the head of the default branch", async () => {
    const { ref, name, write } = newRepository();
    const first = server.push(name);
    expect(await mirror.fetch(ref, { sha: first, defaultBranch: "main" })).toEqual({
      defaultBranchSha: first,
    });
    write("a.txt", "a");
    const onBranch = server.push(name, "feature/x");
    expect(await mirror.fetch(ref, { sha: onBranch, defaultBranch: "main" })).toEqual({
      defaultBranchSha: first,
    });
    expect(await mirror.readFile(ref, onBranch, "a.txt")).toBe("a");
  });

  it("follows a branch that was forced back", async () => {
    const { ref, name } = newRepository();
    const first = server.push(name);
    const second = server.push(name);
    await mirror.fetch(ref, { sha: second, defaultBranch: "main" });
    server.git(name, "push", "--quiet", "--force", "origin", `${first}:refs/heads/main`);
    const fetched = await mirror.fetch(ref, { sha: second, defaultBranch: "main" });
    expect(fetched.defaultBranchSha).toBe(first);
  });

  it("keeps `a` and then `a/b` as default branches", async () => {
    const { ref, name } = newRepository();
    const sha = server.push(name, "a");
    await mirror.fetch(ref, { sha, defaultBranch: "a" });
    server.git(name, "push", "--quiet", "origin", ":refs/heads/a");
    server.push(name, "a/b");
    const next = server.git(name, "rev-parse", "HEAD");
    const fetched = await mirror.fetch(ref, { sha: next, defaultBranch: "a/b" });
    expect(fetched.defaultBranchSha).toBe(next);
  });

  it("asks nobody when the commit is there and no branch is asked for", async () => {
    const { ref, name } = newRepository();
    const sha = server.push(name);
    expect(await mirror.fetch(ref, { sha, defaultBranch: null })).toEqual({
      defaultBranchSha: null,
    });
    const before = server.requests.length;
    await mirror.fetch(ref, { sha, defaultBranch: null });
    await newMirror().fetch(ref, { sha, defaultBranch: null });
    expect(server.requests.length).toBe(before);
  });

  it("lets calls at the same time share a fetch", async () => {
    const { ref, name } = newRepository();
    const sha = server.push(name);
    await mirror.fetch(ref, { sha, defaultBranch: "main" });
    const next = server.push(name);
    const before = server.requests.length;
    await Promise.all(
      Array.from({ length: 8 }, () => mirror.fetch(ref, { sha: next, defaultBranch: "main" })),
    );
    // The first runs, one more begins after all were asked; each takes at most three requests.
    expect(server.requests.length - before).toBeLessThanOrEqual(6);
  });

  it("is quick", async () => {
    const { ref, name, write } = newRepository();
    await mirror.fetch(ref, { sha: server.push(name), defaultBranch: "main" });
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      write("a.txt", String(i));
      const sha = server.push(name);
      const started = performance.now();
      await mirror.fetch(ref, { sha, defaultBranch: "main" });
      times.push(performance.now() - started);
    }
    expect(times.toSorted((a, b) => a - b)[2]).toBeLessThan(2_000);
  });

  it("packs its many small packs together, and loses nothing that no branch holds", async () => {
    const { ref, name, gitDir } = newRepository();
    await mirror.fetch(ref, { sha: server.push(name), defaultBranch: "main" });
    const commits = Array.from({ length: 51 }, (_, i) => {
      server.git(name, "commit", "--quiet", "--allow-empty", "-m", String(i));
      return server.git(name, "rev-parse", "HEAD");
    });
    server.git(name, "push", "--quiet", "origin", "HEAD:refs/heads/side");
    for (const sha of commits) await mirror.fetch(ref, { sha, defaultBranch: null });
    const packs = (): number =>
      readdirSync(join(gitDir, "objects/pack")).filter((file) => file.endsWith(".pack")).length;
    await waitUntil("the packs are few", () => packs() < 10);
    for (const sha of [commits[0], commits[25], commits[50]])
      expect(await mirror.readFile(ref, sha ?? "", "Dockerfile")).toBe("FROM scratch\n");
  }, 60_000);

  it("needs neither tags nor other branches", async () => {
    const { ref, name, gitDir } = newRepository();
    const sha = server.push(name);
    server.git(name, "tag", "v1");
    server.git(name, "push", "--quiet", "origin", "v1", "HEAD:refs/heads/other");
    await mirror.fetch(ref, { sha, defaultBranch: "main" });
    expect(readdirSync(join(gitDir, "refs/tags"))).toEqual([]);
    expect(readdirSync(join(gitDir, "refs/skep"))).toEqual([Buffer.from("main").toString("hex")]);
  });
});

describe("a fetch that cannot work", () => {
  it.each([
    ["a commit that is nowhere", { sha: "1".repeat(40), defaultBranch: null }],
    ["a branch that is nowhere", { sha: null, defaultBranch: "nowhere" }],
    ["an option as commit", { sha: "--upload-pack=touch /tmp/x", defaultBranch: null }],
    ["an option as branch", { sha: null, defaultBranch: "-x" }],
    ["a refspec as branch", { sha: null, defaultBranch: "main:refs/heads/x" }],
    ["a pattern as branch", { sha: null, defaultBranch: "*" }],
    ["lines as branch", { sha: null, defaultBranch: "a\nb" }],
  ] as const)("names %s as not found", async (_, want) => {
    const { ref, name } = newRepository();
    const sha = server.push(name);
    await expect(mirror.fetch(ref, { ...want, sha: want.sha ?? sha })).rejects.toMatchObject({
      code: "source_not_found",
      retryable: false,
    });
  });

  it("names a repository that is nowhere", async () => {
    const ref = { id: 999, owner: "acme", name: "nowhere", installationId: 100 };
    await expect(
      mirror.fetch(ref, { sha: "1".repeat(40), defaultBranch: "main" }),
    ).rejects.toMatchObject({ code: "source_not_found" });
  });

  it("asks for a second try when the token is refused, without showing it", async () => {
    const { ref, name } = newRepository();
    const sha = server.push(name);
    const error: unknown = await newMirror({ token: "ghs_wrongtoken" })
      .fetch(ref, { sha, defaultBranch: "main" })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "source_unavailable", retryable: true });
    const shown = `${JSON.stringify(error)} ${String(error)} ${(error as Error).stack} ${logged}`;
    expect(shown).not.toContain("ghs_wrongtoken");
    expect(shown).not.toContain(Buffer.from("x-access-token:ghs_wrongtoken").toString("base64"));
  });

  it.each([500, 502, 503])("asks for a second try after a %i", async (status) => {
    const { ref, name } = newRepository();
    const sha = server.push(name);
    server.answerWith((_, response) => void response.writeHead(status).end());
    await expect(mirror.fetch(ref, { sha, defaultBranch: "main" })).rejects.toMatchObject({
      code: "source_unavailable",
      retryable: true,
    });
    server.answerWith(null);
    await mirror.fetch(ref, { sha, defaultBranch: "main" });
  });

  it("ends at its deadline when the server is silent", async () => {
    const { ref, name } = newRepository();
    const sha = server.push(name);
    server.answerWith(() => undefined);
    await expect(
      newMirror({ fetchTimeoutMs: 300 }).fetch(ref, { sha, defaultBranch: "main" }),
    ).rejects.toMatchObject({
      code: "source_unavailable",
      message: "fetching the commit: it took too long",
    });
    const { host } = new URL(server.url);
    await waitUntil(
      "its helpers are gone",
      () => !commandLines().some((line) => line.includes(host)),
    );
  });

  it("never speaks another protocol, wherever the server sends it", async () => {
    const { ref } = newRepository();
    server.answerWith((_, response) => {
      response.writeHead(302, { location: "file:///etc/info/refs" }).end();
    });
    await expect(
      mirror.fetch(ref, { sha: "1".repeat(40), defaultBranch: "main" }),
    ).rejects.toMatchObject({ code: "source_unavailable" });
  });

  it("keeps the token from a host that the server redirects to", async () => {
    const { ref } = newRepository();
    const other = await startGitServer("unknown");
    const seen: (string | undefined)[] = [];
    other.answerWith((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(404).end();
    });
    server.answerWith((request, response) => {
      response.writeHead(302, { location: `${other.url}${request.url ?? ""}` }).end();
    });
    await mirror.fetch(ref, { sha: "1".repeat(40), defaultBranch: "main" }).catch(() => undefined);
    await other.stop();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((header) => header === undefined)).toBe(true);
  });
});

describe("the token", () => {
  it("is neither on disk nor in a process list", async () => {
    const { ref, name, gitDir } = newRepository();
    const sha = server.push(name);
    const commands: string[] = [];
    server.answerWith((_request, response) => {
      commands.push(...commandLines());
      response.writeHead(500).end();
    });
    await mirror.fetch(ref, { sha, defaultBranch: "main" }).catch(() => undefined);
    server.answerWith(null);
    await mirror.fetch(ref, { sha, defaultBranch: "main" });
    const basic = Buffer.from(`x-access-token:${TOKEN}`).toString("base64");
    const files = readdirSync(gitDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
    expect(commands.some((command) => command.includes("fetch"))).toBe(true);
    for (const text of [...commands, ...files, logged]) {
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain(basic);
    }
  });
});

describe("a mirror that was hit by kill -9", () => {
  it("gets rid of stale lock files and half packs", async () => {
    const { ref, name, gitDir } = newRepository();
    await mirror.fetch(ref, { sha: server.push(name), defaultBranch: "main" });
    const stale = [
      "HEAD.lock",
      "config.lock",
      "packed-refs.lock",
      `refs/skep/${Buffer.from("main").toString("hex")}.lock`,
      "objects/pack/tmp_pack_abc",
      "objects/pack/pack-1234.keep",
    ];
    for (const file of stale) writeFileSync(join(gitDir, file), "half");
    const sha = server.push(name);
    await newMirror().fetch(ref, { sha, defaultBranch: "main" });
    const left = readdirSync(gitDir, { recursive: true, encoding: "utf8" });
    expect(left.filter((file) => stale.includes(file))).toEqual([]);
  });

  it("goes on after fetches that were killed at any moment", async () => {
    const { ref, name, workTree, gitDir } = newRepository();
    const old = server.push(name);
    await mirror.fetch(ref, { sha: old, defaultBranch: "main" });
    writeFileSync(join(workTree, "big"), randomBytes(8_000_000));
    const sha = server.push(name);
    const outcomes = new Set<string>();
    for (const fetchTimeoutMs of [5, 20, 40, 60, 80, 100, 130, 160, 200, 300]) {
      const killed = newMirror({ fetchTimeoutMs });
      await killed.fetch(ref, { sha, defaultBranch: "main" }).then(
        () => outcomes.add("fetched"),
        (error: { code: string }) => outcomes.add(error.code),
      );
      // The same process tries again, and reads what was there before.
      expect(await killed.readFile(ref, old, "Dockerfile")).toBe("FROM scratch\n");
    }
    expect(outcomes).toContain("source_unavailable");
    const after = newMirror();
    await after.fetch(ref, { sha, defaultBranch: "main" });
    expect(await after.objectId(ref, sha, "big")).toBe(server.git(name, "rev-parse", "HEAD:big"));
    const left = readdirSync(gitDir, { recursive: true, encoding: "utf8" });
    expect(left.filter((file) => /tmp_|\.lock$/.test(file))).toEqual([]);
    expect(logged).not.toContain("anew");
  });

  it.each([
    ["an empty folder", (gitDir: string) => rmSync(gitDir, { recursive: true, force: true })],
    ["no HEAD", (gitDir: string) => rmSync(join(gitDir, "HEAD"))],
    ["an empty HEAD", (gitDir: string) => writeFileSync(join(gitDir, "HEAD"), "")],
    ["no objects", (gitDir: string) => rmSync(join(gitDir, "objects"), { recursive: true })],
    [
      "a broken ref",
      (gitDir: string) =>
        writeFileSync(join(gitDir, "refs/skep", Buffer.from("main").toString("hex")), "\0\0"),
    ],
    [
      "packs of zeros",
      (gitDir: string) => {
        const packs = join(gitDir, "objects/pack");
        for (const file of readdirSync(packs)) {
          const length = readFileSync(join(packs, file)).length;
          rmSync(join(packs, file));
          writeFileSync(join(packs, file), Buffer.alloc(length));
        }
      },
    ],
    ["a broken config", (gitDir: string) => writeFileSync(join(gitDir, "config"), "[core\n")],
  ])("mends itself from %s", async (_, damage) => {
    const { ref, name, write, gitDir } = newRepository();
    await mirror.fetch(ref, { sha: server.push(name), defaultBranch: "main" });
    damage(gitDir);
    write("a.txt", "after");
    const sha = server.push(name);
    const after = newMirror();
    expect(await after.fetch(ref, { sha, defaultBranch: "main" })).toEqual({
      defaultBranchSha: sha,
    });
    expect(await after.readFile(ref, sha, "a.txt")).toBe("after");
  });

  it("is made anew when a commit turns out to be unreadable", async () => {
    const { ref, name, write, gitDir } = newRepository();
    write("a.txt", "here");
    const sha = server.push(name);
    await mirror.fetch(ref, { sha, defaultBranch: "main" });
    rmSync(join(gitDir, "objects/pack"), { recursive: true });
    await expect(mirror.readFile(ref, sha, "a.txt")).rejects.toMatchObject({
      code: "source_unavailable",
      retryable: true,
    });
    await mirror.fetch(ref, { sha, defaultBranch: null });
    expect(await mirror.readFile(ref, sha, "a.txt")).toBe("here");
  });
});

describe("reading", () => {
  it("reads files, and never follows links out of the commit", async () => {
    const { ref, name, write, workTree } = newRepository();
    write(".github/skep.yml", "apps: {}\n");
    write("-n", "dash");
    server.git(name, "config", "core.symlinks", "true");
    symlinkSync("/etc/passwd", join(workTree, "link"));
    const sha = server.push(name);
    await mirror.fetch(ref, { sha, defaultBranch: "main" });
    expect(await mirror.readFile(ref, sha, ".github/skep.yml")).toBe("apps: {}\n");
    expect(await mirror.readFile(ref, sha, "./.github//skep.yml")).toBe("apps: {}\n");
    expect(await mirror.readFile(ref, sha, "-n")).toBe("dash");
    for (const path of ["link", "nowhere", ".github", "", "../x", ".github/../../x", "link/x"])
      expect(await mirror.readFile(ref, sha, path)).toBeNull();
  });

  it("refuses a huge file", async () => {
    const { ref, name, write } = newRepository();
    write("big.yml", "a".repeat(1_100_000));
    const sha = server.push(name);
    await mirror.fetch(ref, { sha, defaultBranch: "main" });
    await expect(mirror.readFile(ref, sha, "big.yml")).rejects.toMatchObject({
      code: "config_invalid",
    });
  });

  it("tells the object at a path", async () => {
    const { ref, name, write } = newRepository();
    write("app/main.ts", "1");
    const sha = server.push(name);
    await mirror.fetch(ref, { sha, defaultBranch: "main" });
    expect(await mirror.objectId(ref, sha, ".")).toBe(server.git(name, "rev-parse", "HEAD^{tree}"));
    expect(await mirror.objectId(ref, sha, "app/")).toBe(server.git(name, "rev-parse", "HEAD:app"));
    expect(await mirror.objectId(ref, sha, "app/main.ts")).toBe(
      server.git(name, "rev-parse", "HEAD:app/main.ts"),
    );
    expect(await mirror.objectId(ref, sha, "nowhere")).toBeNull();
    expect(await mirror.objectId(ref, sha, "../app")).toBeNull();
  });

  it("tells what changed under a path, and what came before", async () => {
    const { ref, name, write } = newRepository();
    write("app/a", "1");
    write("docs/a", "1");
    const first = server.push(name);
    write("docs/a", "2");
    const second = server.push(name);
    await mirror.fetch(ref, { sha: second, defaultBranch: "main" });
    expect(await mirror.hasChanged(ref, first, second, ["app"])).toBe(false);
    expect(await mirror.hasChanged(ref, first, second, ["app", "docs"])).toBe(true);
    expect(await mirror.hasChanged(ref, first, second, ["."])).toBe(true);
    expect(await mirror.hasChanged(ref, first, first, ["."])).toBe(false);
    expect(await mirror.hasChanged(ref, first, second, ["*"])).toBe(false);
    expect(await mirror.hasChanged(ref, "0".repeat(40), second, ["app"])).toBe(true);
    expect(await mirror.isAncestor(ref, first, second)).toBe(true);
    expect(await mirror.isAncestor(ref, second, first)).toBe(false);
    expect(await mirror.isAncestor(ref, "1".repeat(40), first)).toBe(false);
  });

  it("takes a comparison that was cut short for no answer", async () => {
    const { ref, name } = newRepository();
    const sha = server.push(name);
    await mirror.fetch(ref, { sha, defaultBranch: null });
    mirror.close();
    const unavailable = { code: "source_unavailable", retryable: true };
    await expect(mirror.isAncestor(ref, sha, sha)).rejects.toMatchObject(unavailable);
    await expect(mirror.hasChanged(ref, sha, sha, ["."])).rejects.toMatchObject(unavailable);
  });
});

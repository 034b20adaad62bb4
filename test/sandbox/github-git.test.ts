import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { git, type Received, type Setup, setUp } from "./github-support.ts";

let setup: Setup;
let work: string;

beforeEach(async () => {
  setup = await setUp();
  work = join(setup.directory, "work");
  await git(setup.directory, "clone", "--quiet", setup.cloneUrl, work);
});
afterEach(async () => {
  expect(setup.github.problems()).toEqual([]);
  await setup.close();
});

async function commit(file: string, content: string, message = `Change ${file}`): Promise<string> {
  await writeFile(join(work, file), content);
  await git(work, "add", "--all");
  await git(work, "commit", "--quiet", "-m", message);
  return git(work, "rev-parse", "HEAD");
}

async function push(...args: string[]): Promise<Received[]> {
  await git(work, "push", "--quiet", ...args);
  await setup.github.idle();
  return setup.receiver.received.splice(0);
}

const zero = "0".repeat(40);

describe("a push", () => {
  it("sends one signed push webhook with its commits and files", async () => {
    const first = await commit("a.txt", "a");
    const second = await commit("Dockerfile", "FROM other\n");
    const received = await push("origin", "main");
    expect(received.map((one) => one.event).sort()).toEqual(["check_suite", "push"]);
    const [{ payload, isSigned, headers } = { payload: {}, isSigned: false, headers: {} }] =
      received.filter((one) => one.event === "push");
    expect(isSigned).toBe(true);
    expect(headers).toMatchObject({
      "x-github-hook-id": String(setup.github.app.id),
      "x-github-hook-installation-target-id": String(setup.github.app.id),
      "x-github-hook-installation-target-type": "integration",
      "user-agent": expect.stringMatching(/^GitHub-Hookshot\//),
    });
    expect(payload).toMatchObject({
      ref: "refs/heads/main",
      before: setup.sha,
      after: second,
      created: false,
      deleted: false,
      forced: false,
      commits: [
        { id: first, message: "Change a.txt", added: ["a.txt"], modified: [], removed: [] },
        {
          id: second,
          added: [],
          modified: ["Dockerfile"],
          removed: [],
          author: { username: "octo" },
        },
      ],
      head_commit: { id: second },
      pusher: { name: "octo" },
      sender: { login: "octo" },
      repository: { full_name: "octo/web", default_branch: "main", created_at: expect.any(Number) },
      installation: { id: expect.any(Number) },
    });
  });

  it("that rewrites history is forced", async () => {
    await git(work, "commit", "--quiet", "--amend", "-m", "Rewritten");
    const received = await push("--force", "origin", "main");
    expect(received.find((one) => one.event === "push")?.payload).toMatchObject({
      forced: true,
      before: setup.sha,
      commits: [{ message: "Rewritten" }],
    });
  });

  it("of a new branch also sends create, with only the commits that are new", async () => {
    await git(work, "checkout", "--quiet", "-b", "feature/x");
    const sha = await commit("x.txt", "x");
    const received = await push("origin", "feature/x");
    expect(received.map((one) => one.event).sort()).toEqual(["check_suite", "create", "push"]);
    expect(received.find((one) => one.event === "push")?.payload).toMatchObject({
      ref: "refs/heads/feature/x",
      before: zero,
      created: true,
      commits: [{ id: sha }],
    });
    expect(received.find((one) => one.event === "create")?.payload).toMatchObject({
      ref: "feature/x",
      ref_type: "branch",
      master_branch: "main",
    });
  });

  it("that deletes a branch has no head commit", async () => {
    await push("origin", "main:gone");
    const received = await push("origin", "--delete", "gone");
    expect(received.map((one) => one.event).sort()).toEqual(["delete", "push"]);
    expect(received.find((one) => one.event === "push")?.payload).toMatchObject({
      ref: "refs/heads/gone",
      after: zero,
      deleted: true,
      commits: [],
      head_commit: null,
    });
  });

  it("of an annotated tag names the tag and its commit", async () => {
    await git(work, "tag", "-a", "v1.0.0", "-m", "One");
    const received = await push("origin", "v1.0.0");
    expect(received.find((one) => one.event === "push")?.payload).toMatchObject({
      ref: "refs/tags/v1.0.0",
      after: await git(work, "rev-parse", "v1.0.0"),
      commits: [],
      head_commit: { id: setup.sha },
    });
  });

  it("of four tags at once sends nothing, as on GitHub", async () => {
    for (const tag of ["a", "b", "c", "d"]) await git(work, "tag", tag);
    expect(await push("origin", "--tags")).toEqual([]);
  });

  it("of megabytes arrives whole", async () => {
    await writeFile(join(work, "big.bin"), randomBytes(3 * 1024 * 1024));
    const sha = await commit("small.txt", "x");
    expect((await push("origin", "main")).map((one) => one.payload.after)).toContain(sha);
    const again = join(setup.directory, "again");
    await git(setup.directory, "clone", "--quiet", setup.cloneUrl, again);
    expect(await git(again, "rev-parse", "HEAD")).toBe(sha);
  });

  it("that changes nothing sends nothing", async () => {
    expect(await push("origin", "main")).toEqual([]);
  });

  it("keeps odd file names and messages as they are", async () => {
    await commit('tab\tand "quotes" ä.txt', "x", "Line one\n\nBody with % and \x1f");
    const received = await push("origin", "main");
    expect(received.find((one) => one.event === "push")?.payload).toMatchObject({
      commits: [
        { message: "Line one\n\nBody with % and \x1f", added: ['tab\tand "quotes" ä.txt'] },
      ],
    });
  });

  it("of many at once sends one webhook for each", async () => {
    const branches = Array.from({ length: 8 }, (_, i) => `b${i}`);
    await Promise.all(
      branches.map((name) => git(work, "push", "--quiet", "origin", `main:${name}`)),
    );
    await setup.github.idle();
    const refs = setup.receiver.received
      .filter((one) => one.event === "push")
      .map((one) => one.payload.ref);
    expect(refs).toHaveLength(branches.length);
    expect(new Set(refs)).toEqual(new Set(branches.map((name) => `refs/heads/${name}`)));
  });
});

describe("git over HTTP", () => {
  const anonymous = () => {
    const url = new URL(setup.cloneUrl);
    url.username = "";
    url.password = "";
    return url;
  };

  it("lets an installation token fetch a private repository, at any commit", async () => {
    const sha = await commit("b.txt", "b");
    await push("origin", "main");
    await git(work, "commit", "--quiet", "--amend", "-m", "Other");
    await push("--force", "origin", "main");
    const { token } = await installationToken();
    const url = Object.assign(anonymous(), { username: "x-access-token", password: token });
    const bare = join(setup.directory, "bare");
    await git(setup.directory, "init", "--quiet", "--bare", bare);
    await git(bare, "fetch", "--quiet", "--depth=1", url.href, sha);
    expect(await git(bare, "rev-parse", "FETCH_HEAD")).toBe(sha);
  });

  it.each([
    ["nobody", "", ""],
    ["a wrong password", "octo", "wrong"],
    ["a forged token", "x-access-token", `ghs_${"a".repeat(36)}`],
  ])("refuses %s", async (_who, username, password) => {
    const url = Object.assign(anonymous(), { username, password });
    await expect(git(work, "ls-remote", url.href)).rejects.toThrow(
      /could not read|Authentication failed/,
    );
  });

  it("refuses a push by somebody who may only read", async () => {
    setup.github.setPermission({ ...setup.name, user: "guest", role: "read" });
    const url = setup.github.cloneUrl({ ...setup.name, user: "guest" });
    await expect(git(work, "ls-remote", url)).resolves.toContain("refs/heads/main");
    await expect(git(work, "push", url, "main:mine")).rejects.toThrow(/403/);
  });

  async function installationToken(): Promise<{ token: string }> {
    const auth: unknown = await setup.octokit.auth({ type: "installation" });
    if (
      typeof auth !== "object" ||
      auth === null ||
      !("token" in auth) ||
      typeof auth.token !== "string"
    ) {
      throw new Error("no token");
    }
    return { token: auth.token };
  }
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { git, type Received, refusal, type Setup, setUp } from "./github-support.ts";

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

async function commit(file: string): Promise<string> {
  await writeFile(join(work, file), file);
  await git(work, "add", "--all");
  await git(work, "commit", "--quiet", "-m", `Add ${file}`);
  return git(work, "rev-parse", "HEAD");
}

async function told(): Promise<Received[]> {
  await setup.github.idle();
  return setup.receiver.received.splice(0);
}

async function push(...args: string[]): Promise<Received[]> {
  await git(work, "push", "--quiet", ...args);
  return told();
}

const zero = "0".repeat(40);

describe("a pushed tag", () => {
  it("sends push and create; its push names the commit and no commits of its own", async () => {
    await git(work, "tag", "v1.0.0");
    const received = await push("origin", "v1.0.0");
    expect(received.map((one) => one.event).sort()).toEqual(["create", "push"]);
    expect(received.find((one) => one.event === "push")?.payload).toMatchObject({
      ref: "refs/tags/v1.0.0",
      before: zero,
      after: setup.sha,
      created: true,
      deleted: false,
      base_ref: "refs/heads/main",
      commits: [],
      head_commit: { id: setup.sha },
    });
    expect(received.find((one) => one.event === "create")?.payload).toMatchObject({
      ref: "v1.0.0",
      ref_type: "tag",
      master_branch: "main",
      pusher_type: "user",
    });
  });

  it("with a message has the tag object's id as its after, and the commit as its head", async () => {
    await git(work, "tag", "--annotate", "--message", "First", "v1.0.0");
    const object = await git(work, "rev-parse", "v1.0.0");
    const received = await push("origin", "v1.0.0");
    expect(object).not.toBe(setup.sha);
    expect(received.find((one) => one.event === "push")?.payload).toMatchObject({
      after: object,
      head_commit: { id: setup.sha },
    });
  });

  it("that is new together with its commit leaves the commits to the branch's push", async () => {
    const sha = await commit("a.txt");
    await git(work, "tag", "v1.0.0");
    const pushes = (await push("origin", "main", "v1.0.0")).filter((one) => one.event === "push");
    expect(pushes.map(({ payload }) => payload)).toMatchObject([
      { ref: "refs/heads/main", commits: [{ id: sha }] },
      { ref: "refs/tags/v1.0.0", commits: [], head_commit: { id: sha } },
    ]);
  });

  it("that moves is forced", async () => {
    await git(work, "tag", "latest");
    await push("origin", "latest");
    await git(work, "commit", "--quiet", "--amend", "-m", "Rewritten");
    await git(work, "tag", "--force", "latest");
    const received = await push("--force", "origin", "latest");
    expect(received.map((one) => one.event)).toEqual(["push"]);
    expect(received[0]?.payload).toMatchObject({ before: setup.sha, created: false, forced: true });
  });

  it("that is deleted sends push and delete", async () => {
    await git(work, "tag", "--annotate", "--message", "First", "v1.0.0");
    const object = await git(work, "rev-parse", "v1.0.0");
    await push("origin", "v1.0.0");
    const received = await push("origin", ":v1.0.0");
    expect(received.map((one) => one.event).sort()).toEqual(["delete", "push"]);
    expect(received.find((one) => one.event === "push")?.payload).toMatchObject({
      ref: "refs/tags/v1.0.0",
      before: object,
      after: zero,
      deleted: true,
      head_commit: null,
    });
    expect(received.find((one) => one.event === "delete")?.payload).toMatchObject({
      ref: "v1.0.0",
      ref_type: "tag",
    });
  });

  it("is one of three at most: a push of four tells nothing", async () => {
    for (const name of ["a", "b", "c", "d"]) await git(work, "tag", name);
    expect(await push("origin", "--tags")).toEqual([]);
    await git(work, "push", "--quiet", "origin", ":a", ":b", ":c");
    expect((await told()).map((one) => one.event).sort()).toEqual([
      "delete",
      "delete",
      "delete",
      "push",
      "push",
      "push",
    ]);
  });
});

describe("the API", () => {
  it("lists tags with their commits, the highest version first", async () => {
    await setup.github.createTag({ ...setup.name, name: "v1.9.0" });
    await setup.github.createTag({ ...setup.name, name: "v1.10.0", message: "Annotated" });
    const { data } = await setup.octokit.rest.repos.listTags(setup.name);
    expect(data.map((one) => [one.name, one.commit.sha])).toEqual([
      ["v1.10.0", setup.sha],
      ["v1.9.0", setup.sha],
    ]);
  });

  it("follows a tag of a tag, and leaves out what is no commit", async () => {
    await git(work, "tag", "--annotate", "--message", "One", "one");
    await git(work, "tag", "--annotate", "--message", "Two", "two", "one");
    await git(work, "tag", "file", await git(work, "rev-parse", "HEAD:Dockerfile"));
    const received = await push("origin", "one", "two", "file");
    const heads = received.flatMap(({ event, payload }) =>
      event === "push" ? [payload.head_commit] : [],
    );
    expect(heads).toMatchObject([null, { id: setup.sha }, { id: setup.sha }]);
    const { data } = await setup.octokit.rest.repos.listTags(setup.name);
    expect(data.map((one) => [one.name, one.commit.sha])).toEqual([
      ["two", setup.sha],
      ["one", setup.sha],
    ]);
  });

  it("tells a tag object from a commit", async () => {
    const light = await setup.github.createTag({ ...setup.name, name: "light" });
    const heavy = await setup.github.createTag({ ...setup.name, name: "heavy", message: "m" });
    const { rest } = setup.octokit;
    const object = async (ref: string) =>
      (await rest.git.getRef({ ...setup.name, ref })).data.object;
    expect(await object("tags/light")).toMatchObject({ type: "commit", sha: light.sha });
    expect(await object("tags/heavy")).toMatchObject({ type: "tag", sha: heavy.object });
    expect((await refusal(object("tags/ligh"))).status).toBe(404);
    const { data } = await rest.repos.getCommit({ ...setup.name, ref: "heavy" });
    expect(data.sha).toBe(setup.sha);
  });

  it("finds refs by how they begin", async () => {
    for (const name of ["v1.0.0", "v1.0.1", "v2.0.0"])
      await setup.github.createTag({ ...setup.name, name });
    const matching = async (ref: string) => {
      const { data } = await setup.octokit.rest.git.listMatchingRefs({ ...setup.name, ref });
      return data.map((one) => one.ref);
    };
    expect(await matching("tags/v1.")).toEqual(["refs/tags/v1.0.0", "refs/tags/v1.0.1"]);
    expect(await matching("tags/v3")).toEqual([]);
    expect(await matching("tags/*")).toEqual([]);
    expect(await matching("heads/ma")).toEqual(["refs/heads/main"]);
  });
});

describe("a tag made without a clone", () => {
  it("sends what a pushed one sends, from the person who made it", async () => {
    const { object } = await setup.github.createTag({
      ...setup.name,
      name: "v1.0.0",
      message: "First",
      user: "mona",
    });
    const received = await told();
    expect(received.map((one) => one.event)).toEqual(["create", "push"]);
    expect(received[1]?.payload).toMatchObject({
      after: object,
      head_commit: { id: setup.sha },
      sender: { login: "mona" },
    });
    await setup.github.deleteTag({ ...setup.name, name: "v1.0.0" });
    expect((await told()).map((one) => one.event)).toEqual(["delete", "push"]);
    expect(await setup.github.tags(setup.name)).toEqual([]);
  });

  it("is not made twice, but moves when asked to", async () => {
    await setup.github.createTag({ ...setup.name, name: "v1" });
    const { sha } = await setup.github.pushFiles({ ...setup.name, files: { a: "a" } });
    await expect(setup.github.createTag({ ...setup.name, name: "v1" })).rejects.toThrow(
      'creating tag "v1": it exists already',
    );
    await setup.github.createTag({ ...setup.name, name: "v1", force: true });
    expect(await setup.github.tags(setup.name)).toMatchObject([{ name: "v1", commit: sha }]);
  });

  it.each(["", "a..b", "-d", "a b", "x~1", "../../x"])("must not be named %j", async (name) => {
    await expect(setup.github.createTag({ ...setup.name, name })).rejects.toThrow(/naming a tag/);
    expect(await setup.github.tags(setup.name)).toEqual([]);
  });

  it("needs a commit", async () => {
    const made = setup.github.createTag({ ...setup.name, name: "v1", ref: "--upload-pack=x" });
    await expect(made).rejects.toThrow(/names no branch, tag or commit/);
  });
});

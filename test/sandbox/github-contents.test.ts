import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal, type Setup, setUp } from "./github-support.ts";

let setup: Setup;
let head: string;
const config = "environments:\n  production: {}\n";

beforeAll(async () => {
  setup = await setUp();
  await setup.github.pushFiles({ ...setup.name, files: { ".github/skep.yml": config } });
  const second = {
    ...setup.name,
    files: { "src/a b.txt": "ä".repeat(100), Dockerfile: undefined },
  };
  head = (await setup.github.pushFiles(second)).sha;
  await setup.github.pushFiles({ ...setup.name, branch: "feature/x", files: { x: "x" } });
});
afterAll(async () => {
  expect(setup.github.problems()).toEqual([]);
  await setup.close();
});

describe("contents", () => {
  it("are a file in base64", async () => {
    const { data } = await setup.octokit.rest.repos.getContent({
      ...setup.name,
      path: "src/a b.txt",
    });
    if (Array.isArray(data) || data.type !== "file") throw new Error("not a file");
    expect(Buffer.from(data.content, "base64").toString("utf8")).toBe("ä".repeat(100));
    expect([data.name, data.path, data.size, data.encoding]).toEqual([
      "a b.txt",
      "src/a b.txt",
      200,
      "base64",
    ]);
  });

  it("are a folder's entries, and the root's", async () => {
    const names = async (path: string, ref?: string) => {
      const { data } = await setup.octokit.rest.repos.getContent({
        ...setup.name,
        path,
        ...(ref && { ref }),
      });
      return Array.isArray(data) ? data.map((one) => `${one.type} ${one.path}`) : [];
    };
    expect(await names("")).toEqual(["dir .github", "dir src"]);
    expect(await names(".github")).toEqual(["file .github/skep.yml"]);
    expect(await names("", setup.sha)).toEqual(["file Dockerfile"]);
  });

  it("are the bare text when asked for raw", async () => {
    const use = { ...setup.name, path: ".github/skep.yml", ref: "refs/heads/feature/x" };
    const { data, headers } = await setup.octokit.rest.repos.getContent({
      ...use,
      mediaType: { format: "raw" },
    });
    expect(data).toBe(config);
    expect(headers["content-type"]).toBe("application/vnd.github.raw+json; charset=utf-8");
  });

  it.each([
    ["a file that is not there", { path: "none.txt" }],
    ["a file that was removed", { path: "Dockerfile" }],
    ["a commit that is not there", { path: "src", ref: "f".repeat(40) }],
    ["a path that looks like an option", { path: "--help" }],
  ])("are 404 for %s", async (_what, use) => {
    const call = setup.octokit.rest.repos.getContent({ ...setup.name, ...use });
    expect((await refusal(call)).status).toBe(404);
  });

  it("come with an ETag, and cost nothing while they are the same", async () => {
    const use = { ...setup.name, path: ".github/skep.yml" };
    const { headers } = await setup.octokit.rest.repos.getContent(use);
    expect(headers.etag).toBeDefined();
    const again = setup.octokit.rest.repos.getContent({
      ...use,
      headers: { "if-none-match": headers.etag ?? "" },
    });
    expect((await refusal(again)).status).toBe(304);
  });
});

describe("commits and refs", () => {
  it("are read by branch, tag, short and full id", async () => {
    for (const ref of ["main", "heads/main", head.slice(0, 8), head]) {
      const { data } = await setup.octokit.rest.repos.getCommit({ ...setup.name, ref });
      expect(data.sha).toBe(head);
    }
    const { data } = await setup.octokit.rest.repos.getCommit({ ...setup.name, ref: head });
    expect(data.files?.map((one) => [one.status, one.filename])).toEqual([
      ["removed", "Dockerfile"],
      ["added", "src/a b.txt"],
    ]);
  });

  it("answer with the bare id when asked for the sha", async () => {
    const { data } = await setup.octokit.rest.repos.getCommit({
      ...setup.name,
      ref: "feature/x",
      mediaType: { format: "sha" },
    });
    expect(data).toMatch(/^[0-9a-f]{40}$/);
  });

  it("do not mistake the start of a ref for the ref", async () => {
    const { data } = await setup.octokit.rest.git.getRef({ ...setup.name, ref: "heads/feature/x" });
    expect(data.ref).toBe("refs/heads/feature/x");
    expect(
      (await refusal(setup.octokit.rest.git.getRef({ ...setup.name, ref: "heads/feature" })))
        .status,
    ).toBe(404);
    expect(
      (await refusal(setup.octokit.rest.git.getRef({ ...setup.name, ref: "heads/mai" }))).status,
    ).toBe(404);
  });

  it("are compared from their common ancestor", async () => {
    const compare = async (basehead: string) =>
      (await setup.octokit.rest.repos.compareCommitsWithBasehead({ ...setup.name, basehead })).data;
    expect(await compare(`${setup.sha}...main`)).toMatchObject({
      status: "ahead",
      ahead_by: 2,
      behind_by: 0,
      merge_base_commit: { sha: setup.sha },
      files: [
        { filename: ".github/skep.yml" },
        { filename: "Dockerfile", status: "removed" },
        { filename: "src/a b.txt" },
      ],
    });
    expect(await compare(`main...${setup.sha}`)).toMatchObject({
      status: "behind",
      behind_by: 2,
      files: [],
    });
    expect(await compare("main...main")).toMatchObject({ status: "identical", commits: [] });
    expect((await refusal(compare("main...none"))).status).toBe(404);
  });

  it("are listed in pages with links", async () => {
    const first = await setup.octokit.rest.repos.listCommits({ ...setup.name, per_page: 2 });
    expect(first.data.map((one) => one.sha)[0]).toBe(head);
    expect(first.headers.link).toMatch(/page=2>; rel="next", <[^>]+page=2>; rel="last"/);
    const all = await setup.octokit.paginate(setup.octokit.rest.repos.listCommits, {
      ...setup.name,
      per_page: 2,
    });
    expect(all).toHaveLength(3);
    const touching = await setup.octokit.rest.repos.listCommits({
      ...setup.name,
      path: "Dockerfile",
    });
    expect(touching.data).toHaveLength(2);
  });

  it("give the tree of a commit", async () => {
    const { data } = await setup.octokit.rest.git.getTree({
      ...setup.name,
      tree_sha: head,
      recursive: "1",
    });
    expect(data.tree.map((one) => one.path)).toEqual([
      ".github",
      ".github/skep.yml",
      "src",
      "src/a b.txt",
    ]);
  });

  it("give the branches", async () => {
    const { data } = await setup.octokit.rest.repos.listBranches(setup.name);
    expect(data.map((one) => one.name)).toEqual(["feature/x", "main"]);
    const one = await setup.octokit.rest.repos.getBranch({ ...setup.name, branch: "feature/x" });
    expect(one.data.name).toBe("feature/x");
  });
});

it("tells a person's permission by the old word and by the role", async () => {
  setup.github.setPermission({ ...setup.name, user: "mona", role: "maintain" });
  setup.github.addUser({ login: "stranger" });
  const ask = async (username: string) =>
    (await setup.octokit.rest.repos.getCollaboratorPermissionLevel({ ...setup.name, username }))
      .data;
  expect(await ask("octo")).toMatchObject({ permission: "admin", role_name: "admin" });
  expect(await ask("mona")).toMatchObject({ permission: "write", role_name: "maintain" });
  expect(await ask("stranger")).toMatchObject({ permission: "none", role_name: "none" });
  expect((await refusal(ask("nobody-at-all"))).status).toBe(404);
});

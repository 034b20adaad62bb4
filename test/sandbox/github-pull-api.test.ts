import { z } from "zod";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { narrowManifest, refusal, type Setup, setUp } from "./github-support.ts";

let setup: Setup;
beforeEach(async () => {
  setup = await setUp();
});
afterEach(async () => {
  expect(setup.github.problems()).toEqual([]);
  await setup.close();
});

/** Opens a pull request from a new branch with one file. */
async function open(branch: string) {
  const { github, name } = setup;
  const { sha } = await github.pushFiles({ ...name, branch, files: { [`${branch}.txt`]: branch } });
  const { number } = await github.openPullRequest({ ...name, head: branch });
  return { sha, number };
}

describe("the API of pull requests", () => {
  it("tells head, base, whether it can be merged, and its files", async () => {
    const { sha, number } = await open("topic");
    const { pulls } = setup.octokit.rest;
    const use = { ...setup.name, pull_number: number };
    expect((await pulls.get(use)).data).toMatchObject({
      number,
      state: "open",
      merged: false,
      mergeable: true,
      mergeable_state: "clean",
      head: { sha, ref: "topic", label: "octo:topic" },
      base: { sha: setup.sha, ref: "main" },
      commits: 1,
      changed_files: 1,
    });
    expect((await pulls.listFiles(use)).data).toMatchObject([
      { filename: "topic.txt", status: "added", additions: 1 },
    ]);
    await setup.github.pushFiles({ ...setup.name, files: { "topic.txt": "other" } });
    await setup.github.idle();
    expect((await pulls.get(use)).data).toMatchObject({
      mergeable: false,
      mergeable_state: "dirty",
      head: { sha },
    });
    expect((await refusal(pulls.get({ ...use, pull_number: 99 }))).status).toBe(404);
  });

  it("lists by state, head and base, the newest first", async () => {
    const first = await open("one");
    const second = await open("two");
    await setup.github.closePullRequest({ ...setup.name, number: first.number });
    const { list } = setup.octokit.rest.pulls;
    const numbers = async (query: object) =>
      (await list({ ...setup.name, ...query })).data.map((one) => one.number);
    expect(await numbers({})).toEqual([second.number]);
    expect(await numbers({ state: "closed" })).toEqual([first.number]);
    expect(await numbers({ state: "all" })).toEqual([second.number, first.number]);
    expect(await numbers({ state: "all", head: "octo:one" })).toEqual([first.number]);
    expect(await numbers({ base: "other" })).toEqual([]);
  });

  it("knows the pull requests of a commit: open ones, and the one that brought it in", async () => {
    const { sha, number } = await open("topic");
    const { listPullRequestsAssociatedWithCommit: find } = setup.octokit.rest.repos;
    const numbers = async (commit: string) =>
      (await find({ ...setup.name, commit_sha: commit })).data.map((one) => one.number);
    expect(await numbers(sha)).toEqual([number]);
    expect(await numbers(setup.sha)).toEqual([]);
    const use = { ...setup.name, number, method: "squash" as const };
    const merged = await setup.github.mergePullRequest(use);
    expect(await numbers(merged.sha)).toEqual([number]);
    expect(await numbers(sha)).toEqual([number]);
  });

  it("needs the permission to read pull requests", async () => {
    await setup.close();
    setup = await setUp({ manifest: narrowManifest });
    const { number, sha } = await open("topic");
    const { pulls, repos, issues } = setup.octokit.rest;
    for (const call of [
      pulls.get({ ...setup.name, pull_number: number }),
      pulls.list(setup.name),
      repos.listPullRequestsAssociatedWithCommit({ ...setup.name, commit_sha: sha }),
      issues.get({ ...setup.name, issue_number: number }),
    ]) {
      expect(await refusal(call)).toMatchObject({
        status: 403,
        message: expect.stringContaining("Resource not accessible by integration"),
      });
    }
  });

  it("names the pull requests of a check run, those from forks left out", async () => {
    const { sha, number } = await open("topic");
    const { data } = await setup.octokit.rest.checks.create({
      ...setup.name,
      name: "skep",
      head_sha: sha,
    });
    expect(data.pull_requests).toMatchObject([{ number, head: { ref: "topic", sha } }]);
    const fork = await setup.github.forkRepository({ ...setup.name, by: "stranger" });
    const use = { owner: fork.owner, repo: fork.name, branch: "mine" };
    const pushed = await setup.github.pushFiles({ ...use, files: { b: "b" } });
    await setup.github.openPullRequest({ ...setup.name, head: "stranger:mine" });
    const other = await setup.octokit.rest.checks.create({
      ...setup.name,
      name: "skep",
      head_sha: pushed.sha,
    });
    expect(other.data.pull_requests).toEqual([]);
  });
});

describe("another process", () => {
  const post = async (path: string, body: object = {}) => {
    const response = await fetch(`${setup.github.url}/_local/${path}`, {
      method: "POST",
      body: JSON.stringify({ ...setup.name, ...body }),
    });
    return z.record(z.string(), z.unknown()).parse(await response.json());
  };

  it("can fork, open, edit, close, reopen and merge pull requests, and delete branches", async () => {
    const { github, name } = setup;
    await post("forks", { by: "stranger" });
    await github.pushFiles({ owner: "stranger", repo: "web", branch: "x", files: { x: "x" } });
    const { number } = await post("pulls", { head: "stranger:x", draft: true });
    await post("pulls/edit", { number, title: "Better" });
    await post("pulls/close", { number });
    await post("pulls/reopen", { number });
    await post("pulls/draft", { number, draft: false });
    const merged = await post("pulls/merge", { number, method: "squash", user: "octo" });
    await github.pushFiles({ ...name, branch: "y", files: { y: "y" } });
    await post("pulls", { head: "y" });
    await post("branches/delete", { branch: "y" });
    await post("repositories/delete", { owner: "stranger" });
    const found = await fetch(`${github.url}/_local/pulls?owner=octo&repo=web`);
    expect(await found.json()).toMatchObject([
      { number, title: "Better", state: "closed", pull: { mergeSha: merged.sha } },
      { state: "closed", pull: { headBranch: "y", mergedAt: null } },
    ]);
    expect(github.pullRequests(name)[0]?.events.map((one) => one.kind)).toEqual([
      "renamed",
      "closed",
      "reopened",
      "ready",
      "merged",
    ]);
  });

  it("can define roles and open issues", async () => {
    const { github, name } = setup;
    await post("roles", { name: "Captain", base: "write" });
    await post("permissions", { user: "hubot", role: "Captain" });
    expect(await post("permissions", { user: "hubot", role: "Nobody" })).toEqual({
      message: 'giving hubot the role "Nobody": define it first',
    });
    const issue = await post("issues", { title: "Broken", user: "hubot" });
    expect(issue).toMatchObject({ number: 1, title: "Broken", author: "hubot" });
    expect(github.pullRequests(name)).toEqual([]);
  });
});

describe("a collaborator's permission", () => {
  const ask = async (username: string, name: { owner: string; repo: string } = setup.name) => {
    const { getCollaboratorPermissionLevel: get } = setup.octokit.rest.repos;
    const { data } = await get({ ...name, username });
    return [data.permission, data.role_name];
  };

  it.each([
    ["read", "read"],
    ["triage", "read"],
    ["write", "write"],
    ["maintain", "write"],
    ["admin", "admin"],
  ])("with the role %s is %s", async (role, permission) => {
    setup.github.setPermission({ ...setup.name, user: "hubot", role });
    expect(await ask("hubot")).toEqual([permission, role]);
    setup.github.setPermission({ ...setup.name, user: "hubot", role: undefined });
    expect(await ask("hubot")).toEqual(["none", "none"]);
  });

  it("with a custom role is what the role is based on, under its own name", async () => {
    const give = () =>
      setup.github.setPermission({ ...setup.name, user: "hubot", role: "Release captain" });
    expect(give).toThrow(/define it first/);
    setup.github.defineRole({ ...setup.name, name: "Release captain", base: "maintain" });
    give();
    expect(await ask("hubot")).toEqual(["write", "Release captain"]);
  });

  it("of a stranger is to read what is public; nobody unknown and no bot has any", async () => {
    const open = { owner: "octo", repo: "open" };
    await setup.github.createRepository({ owner: "octo", name: "open" });
    setup.github.addUser({ login: "stranger" });
    setup.github.addUser({ login: "dependabot[bot]", type: "Bot" });
    expect(await ask("stranger", open)).toEqual(["read", "read"]);
    expect(await ask("stranger")).toEqual(["none", "none"]);
    for (const login of ["nobody", "dependabot[bot]", "wide-app[bot]"])
      expect((await refusal(ask(login))).status).toBe(404);
  });

  it("goes with the account's type", async () => {
    setup.github.addUser({ login: "dependabot[bot]", type: "Bot" });
    const { getByUsername } = setup.octokit.rest.users;
    const typeOf = async (username: string) => (await getByUsername({ username })).data.type;
    expect(await typeOf("octo")).toBe("User");
    expect(await typeOf("dependabot[bot]")).toBe("Bot");
    expect((await refusal(getByUsername({ username: "nobody" }))).status).toBe(404);
  });
});

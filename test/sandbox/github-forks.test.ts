import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { git, refusal, type Setup, setUp } from "./github-support.ts";
import { type Clone, cloneRepository, eventNames } from "./pull-support.ts";

let setup: Setup;
let clone: Clone;

beforeEach(async () => {
  setup = await setUp();
  clone = await cloneRepository(setup);
});
afterEach(async () => {
  expect(setup.github.problems()).toEqual([]);
  await setup.close();
});

describe("a fork", () => {
  async function fork() {
    const made = await setup.github.forkRepository({ ...setup.name, by: "stranger" });
    await git(clone.work, "remote", "add", "fork", made.cloneUrl);
    return { id: made.id, owner: "stranger", repo: made.name };
  }

  it("is a repository of its own with the same commits", async () => {
    await fork();
    const url = await git(clone.work, "remote", "get-url", "fork");
    expect((await clone.remoteRefs(url)).get("refs/heads/main")).toBe(setup.sha);
    await git(clone.work, "checkout", "--quiet", "-b", "evil");
    await clone.commit("evil.txt");
    await expect(
      git(clone.work, "push", setup.github.cloneUrl({ ...setup.name, user: "stranger" }), "evil"),
    ).rejects.toThrow(/403|not found/i);
    await git(clone.work, "push", "--quiet", "fork", "evil");
    expect(eventNames(await clone.sent())).toEqual([]);
    expect((await clone.remoteRefs()).has("refs/heads/evil")).toBe(false);
  });

  it("shares every commit with the base by its id, also one that no pull request names", async () => {
    const { id } = await fork();
    await git(clone.work, "checkout", "--quiet", "-b", "evil");
    const sha = await clone.commit("evil.txt");
    await git(clone.work, "push", "--quiet", "fork", "evil");
    await setup.github.idle();
    const again = join(setup.directory, "again");
    await git(setup.directory, "clone", "--quiet", "--mirror", setup.cloneUrl, again);
    await expect(git(again, "cat-file", "-e", sha)).rejects.toThrow();
    await git(again, "fetch", "--quiet", "origin", sha);
    expect(await git(again, "rev-parse", "FETCH_HEAD")).toBe(sha);
    const { data } = await setup.octokit.rest.repos.getCommit({ ...setup.name, ref: sha });
    expect(data.sha).toBe(sha);
    for (const ref of ["evil", `network/${id}/heads/evil`, `refs/network/${id}/heads/evil`]) {
      const call = setup.octokit.rest.repos.getCommit({ ...setup.name, ref });
      expect((await refusal(call)).status).toBe(422);
    }
    expect([...(await clone.remoteRefs()).keys()].filter((ref) => ref.includes("network"))).toEqual(
      [],
    );
  });

  it("that is deleted closes its pull requests, which then have no head repository", async () => {
    const { owner, repo } = await fork();
    await setup.github.pushFiles({ owner, repo, branch: "topic", files: { a: "a" } });
    const opening = { ...setup.name, head: "stranger:topic" };
    const { number, pull } = await setup.github.openPullRequest(opening);
    await expect(setup.github.deleteRepository(setup.name)).rejects.toThrow(/it has forks/);
    await setup.github.deleteRepository({ owner, repo });
    setup.github.comment({ ...setup.name, number, body: "/deploy" });
    const received = await clone.sent();
    expect(eventNames(received)).toEqual([
      "pull_request.opened",
      "pull_request.closed",
      "issue_comment.created",
    ]);
    const head = { sha: pull.headSha, repo: null, label: "stranger:topic" };
    expect(received[1]?.payload).toMatchObject({ pull_request: { merged: false, head } });
    const { pulls } = setup.octokit.rest;
    const { data } = await pulls.get({ ...setup.name, pull_number: number });
    expect(data).toMatchObject({ state: "closed", head });
    await expect(setup.github.reopenPullRequest({ ...setup.name, number })).rejects.toThrow(
      /branch is gone/,
    );
    expect(await clone.fetchAsApp(pull.headSha)).toBe(pull.headSha);
  });

  it("brings pull requests whose head is in it, and that follow pushes to it", async () => {
    const name = await fork();
    await git(clone.work, "checkout", "--quiet", "-b", "topic");
    const sha = await clone.commit("a.txt");
    await git(clone.work, "push", "--quiet", "fork", "topic");
    await setup.github.idle();
    const { number } = await setup.github.openPullRequest({
      ...setup.name,
      head: "stranger:topic",
    });
    const opened = await clone.sent();
    expect(eventNames(opened)).toEqual(["pull_request.opened"]);
    expect(opened[0]?.payload).toMatchObject({
      sender: { login: "stranger" },
      pull_request: {
        author_association: "NONE",
        head: {
          sha,
          label: "stranger:topic",
          repo: { full_name: "stranger/web", fork: true, owner: { login: "stranger" } },
        },
        base: { repo: { full_name: "octo/web", fork: false } },
      },
    });
    expect(await clone.fetchAsApp(`refs/pull/${number}/head`)).toBe(sha);
    const next = await setup.github.pushFiles({ ...name, branch: "topic", files: { b: "b" } });
    const moved = await clone.sent();
    expect(eventNames(moved)).toEqual(["pull_request.synchronize"]);
    expect(moved[0]?.payload).toMatchObject({ before: sha, after: next.sha });
    expect(await clone.fetchAsApp(`refs/pull/${number}/merge`)).toMatch(/^[0-9a-f]{40}$/);
    const merged = await setup.github.mergePullRequest({ ...setup.name, number });
    expect(eventNames(await clone.sent())).toEqual([
      "push",
      "check_suite.requested",
      "pull_request.closed",
    ]);
    expect((await clone.remoteRefs()).get("refs/heads/main")).toBe(merged.sha);
  });
});

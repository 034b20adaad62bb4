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

const zero = "0".repeat(40);

async function commit(file: string, content = file): Promise<string> {
  await writeFile(join(work, file), content);
  await git(work, "add", "--all");
  await git(work, "commit", "--quiet", "-m", `Change ${file}`);
  return git(work, "rev-parse", "HEAD");
}

/** Commits a file on a branch and pushes it. */
async function pushBranch(branch: string, file = `${branch}.txt`): Promise<string> {
  await git(work, "checkout", "--quiet", "-B", branch);
  const sha = await commit(file);
  await git(work, "push", "--quiet", "origin", branch);
  return sha;
}

async function sent(): Promise<Received[]> {
  await setup.github.idle();
  return setup.receiver.received.splice(0);
}

/** Opens a pull request from a new branch; its webhooks are over. */
async function open(branch = "topic") {
  const sha = await pushBranch(branch);
  const request = await setup.github.openPullRequest({ ...setup.name, head: branch });
  return { sha, number: request.number, received: await sent() };
}

function names(received: readonly Received[]): string[] {
  return received.map(({ event, payload }) =>
    typeof payload.action === "string" ? `${event}.${payload.action}` : event,
  );
}

async function remoteRefs(url = setup.cloneUrl): Promise<Map<string, string>> {
  const lines = (await git(setup.directory, "ls-remote", url)).split("\n");
  return new Map(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
}

/** Fetches as the App does; returns what was fetched. */
async function fetchAsApp(ref: string): Promise<string> {
  const auth = await setup.octokit.auth({ type: "installation" });
  const token = typeof auth === "object" && auth !== null && "token" in auth ? auth.token : "";
  const url = new URL(setup.cloneUrl);
  Object.assign(url, { username: "x-access-token", password: token });
  await git(work, "fetch", "--quiet", url.href, ref);
  return git(work, "rev-parse", "FETCH_HEAD");
}

describe("a pull request", () => {
  it("is told when it is opened, with head, base and author", async () => {
    const { sha, number, received } = await open();
    expect(names(received)).toEqual([
      "create",
      "push",
      "check_suite.requested",
      "pull_request.opened",
    ]);
    expect(received.at(-1)?.payload).toMatchObject({
      number,
      sender: { login: "octo", type: "User" },
      pull_request: {
        number,
        state: "open",
        draft: false,
        merged: false,
        mergeable: null,
        author_association: "OWNER",
        head: { ref: "topic", sha, label: "octo:topic", repo: { fork: false } },
        base: { ref: "main", sha: setup.sha },
        commits: 1,
        additions: 1,
        changed_files: 1,
      },
    });
  });

  it("follows a push to its branch: push first, then synchronize with both ends", async () => {
    const { sha, number } = await open();
    const next = await pushBranch("topic", "more.txt");
    const received = await sent();
    expect(names(received)).toEqual(["push", "check_suite.requested", "pull_request.synchronize"]);
    expect(received.at(-1)?.payload).toMatchObject({
      number,
      before: sha,
      after: next,
      pull_request: { head: { sha: next }, commits: 2 },
    });
    await git(work, "commit", "--quiet", "--amend", "-m", "Rewritten");
    await git(work, "push", "--quiet", "--force", "origin", "topic");
    const forced = await git(work, "rev-parse", "HEAD");
    expect((await sent()).at(-1)?.payload).toMatchObject({ before: next, after: forced });
    const [request] = setup.github.pullRequests(setup.name);
    expect(request?.events.map((one) => one.kind)).toEqual(["pushed", "force_pushed"]);
  });

  it("has a head and a test merge that an installation may fetch, and that move", async () => {
    const { sha, number } = await open();
    expect(await fetchAsApp(`refs/pull/${number}/head`)).toBe(sha);
    await fetchAsApp(`refs/pull/${number}/merge`);
    expect(await git(work, "rev-parse", "FETCH_HEAD^1", "FETCH_HEAD^2")).toBe(
      `${setup.sha}\n${sha}`,
    );
    const next = await pushBranch("topic", "more.txt");
    const base = await setup.github.pushFiles({ ...setup.name, files: { other: "o" } });
    await setup.github.idle();
    expect(await fetchAsApp(`refs/pull/${number}/head`)).toBe(next);
    await fetchAsApp(`refs/pull/${number}/merge`);
    expect(await git(work, "rev-parse", "FETCH_HEAD^1", "FETCH_HEAD^2")).toBe(
      `${base.sha}\n${next}`,
    );
  });

  it("has refs that nobody may push", async () => {
    const { number } = await open();
    await expect(
      git(work, "push", "--force", "origin", `main:refs/pull/${number}/head`),
    ).rejects.toThrow(/hidden ref/);
  });

  it("that conflicts cannot be merged", async () => {
    const { number } = await open();
    await setup.github.pushFiles({ ...setup.name, files: { "topic.txt": "other" } });
    await setup.github.idle();
    expect(setup.github.pullRequests(setup.name)[0]?.pull.isMergeable).toBe(false);
    await expect(setup.github.mergePullRequest({ ...setup.name, number })).rejects.toThrow(
      /conflicts with main/,
    );
  });

  it.each(["merge", "squash"] as const)(
    "by %s pushes the base branch, closes and lets its branch go",
    async (method) => {
      const { sha, number } = await open();
      const use = { ...setup.name, number, method, user: "hubot", deleteBranch: true };
      const merged = await setup.github.mergePullRequest(use);
      const received = await sent();
      expect(names(received)).toEqual([
        "push",
        "check_suite.requested",
        "pull_request.closed",
        "delete",
        "push",
      ]);
      expect(received[0]?.payload).toMatchObject({
        ref: "refs/heads/main",
        before: setup.sha,
        after: merged.sha,
        sender: { login: "hubot" },
      });
      expect(received[2]?.payload).toMatchObject({
        pull_request: {
          merged: true,
          state: "closed",
          merge_commit_sha: merged.sha,
          merged_by: { login: "hubot" },
          head: { sha },
          base: { sha: setup.sha },
        },
      });
      expect(received[4]?.payload).toMatchObject({ ref: "refs/heads/topic", after: zero });
      const refs = await remoteRefs();
      expect(refs.get("refs/heads/main")).toBe(merged.sha);
      expect(refs.get(`refs/pull/${number}/head`)).toBe(sha);
      expect(refs.has(`refs/pull/${number}/merge`)).toBe(false);
      expect(refs.has("refs/heads/topic")).toBe(false);
      await git(work, "fetch", "--quiet", "origin", "main");
      const parents = await git(work, "log", "-1", "--format=%P", "FETCH_HEAD");
      expect(parents).toBe(method === "merge" ? `${setup.sha} ${sha}` : setup.sha);
    },
  );

  it("whose commits are pushed to the base by hand is merged thereby", async () => {
    const { sha } = await open();
    await git(work, "push", "--quiet", "origin", "topic:main");
    const received = await sent();
    expect(names(received)).toEqual(["push", "pull_request.closed"]);
    expect(received[1]?.payload).toMatchObject({
      pull_request: { merged: true, merge_commit_sha: sha },
    });
  });

  it("closes when its branch is deleted, and can be reopened when it is back", async () => {
    const { sha, number } = await open();
    await setup.github.deleteBranch({ ...setup.name, branch: "topic" });
    expect(names(await sent())).toEqual(["delete", "push", "pull_request.closed"]);
    await expect(setup.github.reopenPullRequest({ ...setup.name, number })).rejects.toThrow(
      /branch is gone/,
    );
    await git(work, "push", "--quiet", "origin", "topic");
    await sent();
    await setup.github.reopenPullRequest({ ...setup.name, number });
    const received = await sent();
    expect(names(received)).toEqual(["pull_request.reopened"]);
    expect(received[0]?.payload).toMatchObject({
      pull_request: { state: "open", closed_at: null, head: { sha } },
    });
  });

  it("that is closed no longer follows its branch", async () => {
    const { sha, number } = await open();
    await setup.github.closePullRequest({ ...setup.name, number });
    expect(names(await sent())).toEqual(["pull_request.closed"]);
    await pushBranch("topic", "more.txt");
    expect(names(await sent())).toEqual(["push", "check_suite.requested"]);
    expect((await remoteRefs()).get(`refs/pull/${number}/head`)).toBe(sha);
  });

  it("tells edits with what was there before, and drafts", async () => {
    const { number } = await open();
    const use = { ...setup.name, number };
    await setup.github.editPullRequest({ ...use, title: "Better", body: "Why" });
    await setup.github.setDraft({ ...use, draft: true });
    await expect(setup.github.mergePullRequest(use)).rejects.toThrow(/a draft/);
    await setup.github.setDraft({ ...use, draft: false });
    const received = await sent();
    expect(names(received)).toEqual([
      "pull_request.edited",
      "pull_request.converted_to_draft",
      "pull_request.ready_for_review",
    ]);
    expect(received[0]?.payload).toMatchObject({
      changes: { title: { from: "Change topic" }, body: { from: "" } },
      pull_request: { title: "Better", body: "Why" },
    });
    expect(received[1]?.payload).toMatchObject({ pull_request: { draft: true } });
  });

  it("is not opened twice from a branch, nor from none", async () => {
    await open();
    const again = setup.github.openPullRequest({ ...setup.name, head: "topic" });
    await expect(again).rejects.toThrow(/has one already/);
    const none = setup.github.openPullRequest({ ...setup.name, head: "nothing" });
    await expect(none).rejects.toThrow(/no branch nothing/);
  });
});

describe("a fork", () => {
  async function fork() {
    const made = await setup.github.forkRepository({ ...setup.name, by: "stranger" });
    await git(work, "remote", "add", "fork", made.cloneUrl);
    return { owner: "stranger", repo: made.name };
  }

  it("is a repository of its own with the same commits", async () => {
    await fork();
    const url = await git(work, "remote", "get-url", "fork");
    expect((await remoteRefs(url)).get("refs/heads/main")).toBe(setup.sha);
    await git(work, "checkout", "--quiet", "-b", "evil");
    await commit("evil.txt");
    await expect(
      git(work, "push", setup.github.cloneUrl({ ...setup.name, user: "stranger" }), "evil"),
    ).rejects.toThrow(/403|not found/i);
    await git(work, "push", "--quiet", "fork", "evil");
    expect(names(await sent())).toEqual([]);
    expect((await remoteRefs()).has("refs/heads/evil")).toBe(false);
  });

  it("shares every commit with the base by its id, also one that no pull request names", async () => {
    await fork();
    await git(work, "checkout", "--quiet", "-b", "evil");
    const sha = await commit("evil.txt");
    await git(work, "push", "--quiet", "fork", "evil");
    await setup.github.idle();
    const clone = join(setup.directory, "again");
    await git(setup.directory, "clone", "--quiet", "--mirror", setup.cloneUrl, clone);
    await expect(git(clone, "cat-file", "-e", sha)).rejects.toThrow();
    await git(clone, "fetch", "--quiet", "origin", sha);
    expect(await git(clone, "rev-parse", "FETCH_HEAD")).toBe(sha);
    const { data } = await setup.octokit.rest.repos.getCommit({ ...setup.name, ref: sha });
    expect(data.sha).toBe(sha);
    expect([...(await remoteRefs()).keys()].filter((ref) => ref.includes("network"))).toEqual([]);
  });

  it("brings pull requests whose head is in it, and that follow pushes to it", async () => {
    const name = await fork();
    await git(work, "checkout", "--quiet", "-b", "topic");
    const sha = await commit("a.txt");
    await git(work, "push", "--quiet", "fork", "topic");
    await setup.github.idle();
    const { number } = await setup.github.openPullRequest({
      ...setup.name,
      head: "stranger:topic",
    });
    const opened = await sent();
    expect(names(opened)).toEqual(["pull_request.opened"]);
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
    expect(await fetchAsApp(`refs/pull/${number}/head`)).toBe(sha);
    const next = await setup.github.pushFiles({ ...name, branch: "topic", files: { b: "b" } });
    const moved = await sent();
    expect(names(moved)).toEqual(["pull_request.synchronize"]);
    expect(moved[0]?.payload).toMatchObject({ before: sha, after: next.sha });
    expect(await fetchAsApp(`refs/pull/${number}/merge`)).toMatch(/^[0-9a-f]{40}$/);
    const merged = await setup.github.mergePullRequest({ ...setup.name, number });
    expect(names(await sent())).toEqual(["push", "check_suite.requested", "pull_request.closed"]);
    expect((await remoteRefs()).get("refs/heads/main")).toBe(merged.sha);
  });
});

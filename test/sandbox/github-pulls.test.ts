import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startLocalGitHub } from "../../sandbox/github/local-github.ts";
import { git, type Setup, setUp, wideManifest } from "./github-support.ts";
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

const zero = "0".repeat(40);

/** Opens a pull request from a new branch; its webhooks are over. */
async function open(branch = "topic") {
  const sha = await clone.pushBranch(branch);
  const request = await setup.github.openPullRequest({ ...setup.name, head: branch });
  return { sha, number: request.number, received: await clone.sent() };
}

describe("a pull request", () => {
  it("is told when it is opened, with head, base and author", async () => {
    const { sha, number, received } = await open();
    expect(eventNames(received)).toEqual([
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
    const next = await clone.pushBranch("topic", "more.txt");
    const received = await clone.sent();
    expect(eventNames(received)).toEqual([
      "push",
      "check_suite.requested",
      "pull_request.synchronize",
    ]);
    expect(received.at(-1)?.payload).toMatchObject({
      number,
      before: sha,
      after: next,
      pull_request: { head: { sha: next }, commits: 2 },
    });
    await git(clone.work, "commit", "--quiet", "--amend", "-m", "Rewritten");
    await git(clone.work, "push", "--quiet", "--force", "origin", "topic");
    const forced = await git(clone.work, "rev-parse", "HEAD");
    expect((await clone.sent()).at(-1)?.payload).toMatchObject({ before: next, after: forced });
    const [request] = setup.github.pullRequests(setup.name);
    expect(request?.events.map((one) => one.kind)).toEqual(["pushed", "force_pushed"]);
  });

  it("has a head and a test merge that an installation may fetch, and that move", async () => {
    const { sha, number } = await open();
    expect(await clone.fetchAsApp(`refs/pull/${number}/head`)).toBe(sha);
    await clone.fetchAsApp(`refs/pull/${number}/merge`);
    expect(await git(clone.work, "rev-parse", "FETCH_HEAD^1", "FETCH_HEAD^2")).toBe(
      `${setup.sha}\n${sha}`,
    );
    const next = await clone.pushBranch("topic", "more.txt");
    const base = await setup.github.pushFiles({ ...setup.name, files: { other: "o" } });
    await setup.github.idle();
    expect(await clone.fetchAsApp(`refs/pull/${number}/head`)).toBe(next);
    await clone.fetchAsApp(`refs/pull/${number}/merge`);
    expect(await git(clone.work, "rev-parse", "FETCH_HEAD^1", "FETCH_HEAD^2")).toBe(
      `${base.sha}\n${next}`,
    );
  });

  it("has refs that nobody may push", async () => {
    const { number } = await open();
    await expect(
      git(clone.work, "push", "--force", "origin", `main:refs/pull/${number}/head`),
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
      const received = await clone.sent();
      expect(eventNames(received)).toEqual([
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
      const refs = await clone.remoteRefs();
      expect(refs.get("refs/heads/main")).toBe(merged.sha);
      expect(refs.get(`refs/pull/${number}/head`)).toBe(sha);
      expect(refs.has(`refs/pull/${number}/merge`)).toBe(false);
      expect(refs.has("refs/heads/topic")).toBe(false);
      await git(clone.work, "fetch", "--quiet", "origin", "main");
      const parents = await git(clone.work, "log", "-1", "--format=%P", "FETCH_HEAD");
      expect(parents).toBe(method === "merge" ? `${setup.sha} ${sha}` : setup.sha);
    },
  );

  it("whose commits are pushed to the base by hand is merged thereby", async () => {
    const { sha } = await open();
    await git(clone.work, "push", "--quiet", "origin", "topic:main");
    const received = await clone.sent();
    expect(eventNames(received)).toEqual(["push", "pull_request.closed"]);
    expect(received[1]?.payload).toMatchObject({
      pull_request: { merged: true, merge_commit_sha: sha },
    });
  });

  it("closes when its branch is deleted, and can be reopened when it is back", async () => {
    const { sha, number } = await open();
    await setup.github.deleteBranch({ ...setup.name, branch: "topic" });
    expect(eventNames(await clone.sent())).toEqual(["delete", "push", "pull_request.closed"]);
    await expect(setup.github.reopenPullRequest({ ...setup.name, number })).rejects.toThrow(
      /branch is gone/,
    );
    await git(clone.work, "push", "--quiet", "origin", "topic");
    await clone.sent();
    await setup.github.reopenPullRequest({ ...setup.name, number });
    const received = await clone.sent();
    expect(eventNames(received)).toEqual(["pull_request.reopened"]);
    expect(received[0]?.payload).toMatchObject({
      pull_request: { state: "open", closed_at: null, head: { sha } },
    });
  });

  it("that is closed no longer follows its branch", async () => {
    const { sha, number } = await open();
    await setup.github.closePullRequest({ ...setup.name, number });
    expect(eventNames(await clone.sent())).toEqual(["pull_request.closed"]);
    await clone.pushBranch("topic", "more.txt");
    expect(eventNames(await clone.sent())).toEqual(["push", "check_suite.requested"]);
    expect((await clone.remoteRefs()).get(`refs/pull/${number}/head`)).toBe(sha);
  });

  it("tells edits with what was there before, and drafts", async () => {
    const { number } = await open();
    const use = { ...setup.name, number };
    await setup.github.editPullRequest({ ...use, title: "Better", body: "Why" });
    await setup.github.setDraft({ ...use, draft: true });
    await expect(setup.github.mergePullRequest(use)).rejects.toThrow(/a draft/);
    await setup.github.setDraft({ ...use, draft: false });
    const received = await clone.sent();
    expect(eventNames(received)).toEqual([
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

  it.each(["--upload-pack=x", "<b>&'", "feature/`x`/@octo", "main;id", "päth"])(
    "takes the odd branch name %s as it is",
    async (branch) => {
      const { github, name } = setup;
      const { sha } = await github.pushFiles({ ...name, branch, files: { a: "a" } });
      const { number } = await github.openPullRequest({ ...name, head: branch });
      const opened = (await clone.sent()).at(-1);
      expect(opened?.payload).toMatchObject({
        pull_request: { title: `Change ${branch}`, head: { ref: branch, sha } },
      });
      expect(await clone.fetchAsApp(`refs/pull/${number}/head`)).toBe(sha);
      await github.mergePullRequest({ ...name, number, deleteBranch: true });
      await github.idle();
      expect([...(await clone.remoteRefs()).keys()]).toEqual([
        "HEAD",
        "refs/heads/main",
        `refs/pull/${number}/head`,
      ]);
    },
  );

  it("is still there after a restart, with its comments and reactions", async () => {
    const { number } = await open();
    const { github, name, directory } = setup;
    const { id } = github.comment({ ...name, number, body: "/deploy" });
    github.react({ ...name, commentId: id, content: "eyes", user: "hubot" });
    await github.idle();
    const before = [github.pullRequests(name), github.comments(name)];
    await github.close();
    const again = await startLocalGitHub({
      directory: join(directory, "github"),
      manifest: wideManifest,
    });
    try {
      expect([again.pullRequests(name), again.comments(name)]).toEqual(before);
      await again.mergePullRequest({ ...name, number });
    } finally {
      await again.close();
    }
  });

  it("is not opened twice from a branch, nor from none", async () => {
    await open();
    const again = setup.github.openPullRequest({ ...setup.name, head: "topic" });
    await expect(again).rejects.toThrow(/has one already/);
    const none = setup.github.openPullRequest({ ...setup.name, head: "nothing" });
    await expect(none).rejects.toThrow(/no branch nothing/);
  });
});

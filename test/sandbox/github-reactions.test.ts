import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusal, restrictedClient, type Setup, setUp } from "./github-support.ts";

let setup: Setup;
let pull: number;

beforeEach(async () => {
  setup = await setUp();
  const { github, name } = setup;
  await github.pushFiles({ ...name, branch: "topic", files: { a: "a" } });
  pull = (await github.openPullRequest({ ...name, head: "topic" })).number;
  await github.idle();
  setup.receiver.received.length = 0;
});
afterEach(() => setup.close());

/** Writes a comment; returns its id. */
function say(): number {
  return setup.github.comment({ ...setup.name, number: pull, body: "/deploy" }).id;
}

describe("a reaction", () => {
  it("is made once: the same again answers 200 with the same one", async () => {
    const { reactions, issues } = setup.octokit.rest;
    const comment = { ...setup.name, comment_id: say() };
    const first = await reactions.createForIssueComment({ ...comment, content: "eyes" });
    expect(first).toMatchObject({
      status: 201,
      data: { content: "eyes", user: { login: "wide-app[bot]" } },
    });
    const again = await reactions.createForIssueComment({ ...comment, content: "eyes" });
    expect(again).toMatchObject({ status: 200, data: { id: first.data.id } });
    setup.github.react({
      ...setup.name,
      commentId: comment.comment_id,
      content: "eyes",
      user: "a",
    });
    await reactions.createForIssueComment({ ...comment, content: "rocket" });
    const listed = await reactions.listForIssueComment({ ...comment, content: "eyes" });
    expect(listed.data.map((one) => one.user?.login)).toEqual(["wide-app[bot]", "a"]);
    const { data } = await issues.getComment(comment);
    expect(data.reactions).toMatchObject({ eyes: 2, rocket: 1, total_count: 3, "+1": 0 });
    await setup.github.idle();
    expect(setup.receiver.received.map((one) => one.payload.action)).toEqual(["created"]);
    expect(setup.github.problems()).toEqual([]);
  });

  it("is taken back by whoever made it only", async () => {
    const { reactions } = setup.octokit.rest;
    const comment = { ...setup.name, comment_id: say() };
    const own = await reactions.createForIssueComment({ ...comment, content: "+1" });
    const use = { ...setup.name, commentId: comment.comment_id, user: "a" };
    const other = setup.github.react({ ...use, content: "-1" });
    const remove = (id: number) => reactions.deleteForIssueComment({ ...comment, reaction_id: id });
    expect((await remove(own.data.id)).status).toBe(204);
    expect((await refusal(remove(own.data.id))).status).toBe(404);
    expect((await refusal(remove(other.id))).status).toBe(403);
    expect(setup.github.comments(setup.name)[0]?.reactions).toEqual([other]);
    expect(setup.github.problems()).toEqual([]);
  });

  it("needs the permission to write issues, and a word that GitHub knows", async () => {
    const comment = { ...setup.name, comment_id: say() };
    const reader = (await restrictedClient(setup, { issues: "read", pull_requests: "read" })).rest
      .reactions;
    expect((await reader.listForIssueComment(comment)).data).toEqual([]);
    const call = reader.createForIssueComment({ ...comment, content: "eyes" });
    expect(await refusal(call)).toMatchObject({
      status: 403,
      message: expect.stringContaining("not accessible by integration"),
    });
    const commenter = (await restrictedClient(setup, { pull_requests: "write" })).rest.reactions;
    const onPull = commenter.createForIssueComment({ ...comment, content: "eyes" });
    expect((await refusal(onPull)).status).toBe(403);
    const { status } = await refusal(
      setup.octokit.request("POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", {
        ...comment,
        // @ts-expect-error GitHub has no such reaction
        content: "thumbsup",
      }),
    );
    expect(status).toBe(422);
  });
});

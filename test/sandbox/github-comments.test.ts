import { Octokit } from "@octokit/rest";
import { z } from "zod";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  narrowManifest,
  refusal,
  restrictedClient,
  type Setup,
  setUp,
  silent,
  takeSent,
} from "./github-support.ts";

let setup: Setup;
/** The repository's first pull request and its first issue. */
let pull: number;
let issue: number;

beforeEach(async () => {
  setup = await setUp();
  const { github, name } = setup;
  await github.pushFiles({ ...name, branch: "topic", files: { a: "a" } });
  pull = (await github.openPullRequest({ ...name, head: "topic" })).number;
  issue = github.openIssue({ ...name, title: "Broken" }).number;
  await sent();
});
afterEach(() => setup.close());

const sent = () => takeSent(setup);

function person(login: string): Octokit {
  const { token } = setup.github.addUser({ login });
  return new Octokit({ baseUrl: setup.github.apiUrl, auth: token, log: silent });
}

const say = (body: string, user?: string) =>
  setup.github.comment({ ...setup.name, number: pull, body, ...(user !== undefined && { user }) });

describe("a comment", () => {
  it("is told with who wrote it, on what, and as what", async () => {
    setup.github.setPermission({ ...setup.name, user: "hubot", role: "write" });
    const { id } = say("/deploy @octo `x`", "hubot");
    const [received, ...more] = await sent();
    expect(more).toEqual([]);
    expect(received).toMatchObject({ event: "issue_comment", isSigned: true });
    expect(received?.payload).toMatchObject({
      action: "created",
      sender: { login: "hubot", type: "User" },
      comment: {
        id,
        body: "/deploy @octo `x`",
        user: { login: "hubot", type: "User" },
        author_association: "COLLABORATOR",
        performed_via_github_app: null,
      },
      issue: {
        number: pull,
        state: "open",
        draft: false,
        comments: 1,
        pull_request: { url: expect.stringMatching(/\/pulls\/\d+$/), merged_at: null },
      },
      repository: { full_name: "octo/web" },
      installation: { id: expect.any(Number) },
    });
    expect(setup.github.problems()).toEqual([]);
  });

  it("on a plain issue has no pull request", async () => {
    setup.github.comment({ ...setup.name, number: issue, body: "/deploy" });
    const [received] = await sent();
    expect(received?.payload).toMatchObject({ issue: { number: issue, title: "Broken" } });
    expect(received?.payload.issue).not.toHaveProperty("pull_request");
    expect(setup.github.problems()).toEqual([]);
  });

  it("by a bot says so", async () => {
    say("Bump", "dependabot[bot]");
    const [received] = await sent();
    expect(received?.payload).toMatchObject({
      sender: { type: "Bot" },
      comment: {
        user: { login: "dependabot[bot]", type: "Bot" },
        author_association: "NONE",
        performed_via_github_app: null,
      },
    });
    expect(setup.github.problems()).toEqual([]);
  });

  it("that is edited or deleted tells what it was", async () => {
    const { id } = say("/deploy");
    setup.github.editComment({ ...setup.name, commentId: id, body: "/rollback", user: "mallory" });
    setup.github.deleteComment({ ...setup.name, commentId: id });
    const received = (await sent()).map((one) => one.payload);
    expect(received.map((one) => one.action)).toEqual(["created", "edited", "deleted"]);
    expect(received[1]).toMatchObject({
      changes: { body: { from: "/deploy" } },
      comment: { id, body: "/rollback", user: { login: "octo" } },
      sender: { login: "mallory" },
    });
    expect(setup.github.comments({ ...setup.name, number: pull })).toEqual([]);
    expect(setup.github.problems()).toEqual([]);
  });

  it("is not told to an App that did not subscribe to comments", async () => {
    await setup.close();
    setup = await setUp({ manifest: narrowManifest });
    const { github, name } = setup;
    const { sha } = await github.pushFiles({ ...name, branch: "topic", files: { a: "a" } });
    const { number } = await github.openPullRequest({ ...name, head: "topic" });
    github.comment({ ...name, number, body: "/deploy" });
    const received = await sent();
    expect(received.map((one) => one.event)).not.toContain("issue_comment");
    expect(received.map((one) => one.payload.after)).toContain(sha);
    expect(received.map((one) => one.event)).not.toContain("pull_request");
  });

  it("can be made by another process", async () => {
    const post = async (path: string, body: object) => {
      const response = await fetch(`${setup.github.url}/_local/${path}`, {
        method: "POST",
        body: JSON.stringify({ ...setup.name, ...body }),
      });
      return z.record(z.string(), z.unknown()).parse(await response.json());
    };
    const made = await post("comments", { number: pull, body: "/deploy", user: "hubot" });
    await post("reactions", { commentId: made.id, content: "eyes", user: "octo" });
    await post("comments/edit", { commentId: made.id, body: "/help" });
    expect(setup.github.comments({ ...setup.name, number: pull })).toMatchObject([
      { author: "hubot", body: "/help", reactions: [{ user: "octo", content: "eyes" }] },
    ]);
    const opened = await post("pulls", { head: "nowhere" });
    expect(opened).toEqual({ message: "opening a pull request: there is no branch nowhere" });
  });
});

describe("the API of comments", () => {
  it("creates, edits, reads and lists them as the App", async () => {
    const { rest } = setup.octokit;
    const use = { ...setup.name, issue_number: pull };
    const { data, status } = await rest.issues.createComment({ ...use, body: "One" });
    expect(status).toBe(201);
    expect(data).toMatchObject({
      body: "One",
      user: { login: "wide-app[bot]", type: "Bot" },
      performed_via_github_app: { slug: "wide-app" },
    });
    await rest.issues.updateComment({ ...setup.name, comment_id: data.id, body: "Two" });
    const read = await rest.issues.getComment({ ...setup.name, comment_id: data.id });
    expect(read.data.body).toBe("Two");
    expect((await rest.issues.get(use)).data).toMatchObject({
      number: pull,
      comments: 1,
      pull_request: { merged_at: null },
    });
    const received = (await sent()).map((one) => one.payload);
    expect(received.map((one) => one.action)).toEqual(["created", "edited"]);
    expect(received[0]).toMatchObject({ sender: { login: "wide-app[bot]", type: "Bot" } });
    expect(setup.github.problems()).toEqual([]);
  });

  it("lists them in pages, and since a time", async () => {
    let minutesAgo = 5;
    const startedAt = Date.now();
    const at = (minutes: number) => new Date(startedAt - minutes * 60_000);
    await setup.close();
    setup = await setUp({ now: () => at(minutesAgo) });
    const { github, name, octokit } = setup;
    const { number } = github.openIssue(name);
    for (const body of ["a", "b", "c", "d", "e"]) {
      github.comment({ ...name, number, body });
      minutesAgo -= 1;
    }
    const use = { ...name, issue_number: number };
    const { listComments } = octokit.rest.issues;
    const pages: unknown[] = [];
    for await (const page of octokit.paginate.iterator(listComments, { ...use, per_page: 2 }))
      pages.push(page.data.map((one) => one.body));
    expect(pages).toEqual([["a", "b"], ["c", "d"], ["e"]]);
    const late = await listComments({ ...use, since: at(2.5).toISOString() });
    expect(late.data.map((one) => one.body)).toEqual(["d", "e"]);
    expect(github.problems()).toEqual([]);
  });

  it("refuses an empty body, one too long, and what is not there", async () => {
    const { issues } = setup.octokit.rest;
    const use = { ...setup.name, issue_number: pull };
    await issues.createComment({ ...use, body: "ä".repeat(65_536) });
    const long = await refusal(issues.createComment({ ...use, body: "ä".repeat(65_537) }));
    expect(long).toMatchObject({ status: 422, message: expect.stringContaining("too long") });
    expect((await refusal(issues.createComment({ ...use, body: " " }))).status).toBe(422);
    const none = { ...setup.name, issue_number: 99, body: "x" };
    expect((await refusal(issues.createComment(none))).status).toBe(404);
    const gone = { ...setup.name, comment_id: 1, body: "x" };
    expect((await refusal(issues.updateComment(gone))).status).toBe(404);
  });

  it.each([
    [{ pull_requests: "write" }, 201, 403],
    [{ issues: "write" }, 201, 201],
    [{ issues: "read", pull_requests: "read" }, 403, 403],
    [{ contents: "write" }, 403, 403],
  ])(
    "with %j answers %i on a pull request and %i on an issue",
    async (granted, onPull, onIssue) => {
      const { issues } = (await restrictedClient(setup, granted)).rest;
      for (const [number, expected] of [
        [pull, onPull],
        [issue, onIssue],
      ] as const) {
        const call = issues.createComment({ ...setup.name, issue_number: number, body: "x" });
        const status = expected === 201 ? (await call).status : (await refusal(call)).status;
        expect(status).toBe(expected);
      }
    },
  );

  it("lets readers of a private repository comment, nobody else, and edit only their own", async () => {
    const { id } = say("Mine", "octo");
    setup.github.setPermission({ ...setup.name, user: "reader", role: "read" });
    const use = { ...setup.name, issue_number: pull, body: "Hello" };
    const { data } = await person("reader").rest.issues.createComment(use);
    expect(data.user).toMatchObject({ login: "reader", type: "User" });
    expect((await refusal(person("stranger").rest.issues.createComment(use))).status).toBe(404);
    const edit = { ...setup.name, comment_id: id, body: "Yours" };
    expect((await refusal(person("reader").rest.issues.updateComment(edit))).status).toBe(403);
  });
});

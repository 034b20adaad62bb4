import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOctokitConversations } from "../../../src/checks/conversation/github.ts";
import type { ConversationGitHub } from "../../../src/checks/conversation/ports.ts";
import { createSystemClock } from "../../../src/clock.ts";
import type { RepositoryRef } from "../../../src/deployment.ts";
import { createGitHubAuth } from "../../../src/github/auth.ts";
import { createFakeConversations } from "../../support/fake-conversations.ts";
import { openLocalShop } from "../../support/local-github.ts";
import { createRecordedLog } from "../../support/recorded-log.ts";
import { REPOSITORY } from "../../support/records.ts";

const MARKER = "<!-- skep: status -->";

interface OpenPullRequest {
  readonly github: ConversationGitHub;
  readonly repository: RepositoryRef;
  readonly number: number;
  /** Comments as somebody else. Returns the comment's id. */
  write(body: string): number;
  remove(commentId: number): void;
  /** Own reactions to a comment. */
  reactions(commentId: number): readonly string[];
  bodies(): readonly string[];
  cleanUp(): Promise<void>;
}

async function openFake(): Promise<OpenPullRequest> {
  const github = createFakeConversations();
  return {
    github,
    repository: REPOSITORY,
    number: 12,
    write: (body) => github.write(body),
    remove: (commentId) => github.remove(commentId),
    reactions: (commentId) => github.reactions(commentId),
    bodies: () => github.comments().map(({ body }) => body),
    cleanUp: () => Promise.resolve(),
  };
}

async function openLocal(): Promise<OpenPullRequest> {
  const shop = await openLocalShop();
  const { local, repository } = shop;
  const where = { owner: "acme", repo: "shop" };
  await local.pushFiles({ ...where, branch: "change", files: { "a.txt": "a\n" } });
  const { number } = await local.openPullRequest({ ...where, head: "change" });
  const access = { apiUrl: local.apiUrl, clock: createSystemClock() };
  const auth = createGitHubAuth({ app: local.app, ...access });
  const log = createRecordedLog();
  const bot = `${local.app.slug}[bot]`;
  const comments = () => local.comments({ ...where, number });
  return {
    github: createOctokitConversations({ auth, log, appId: local.app.id, ...access }),
    repository,
    number,
    write: (body) => local.comment({ ...where, number, body, user: "ana" }).id,
    remove: (commentId) => local.deleteComment({ ...where, commentId }),
    reactions: (commentId) =>
      comments()
        .filter(({ id }) => id === commentId)
        .flatMap((one) => one.reactions.filter(({ user }) => user === bot))
        .map(({ content }) => content),
    bodies: () => comments().map(({ body }) => body),
    async cleanUp() {
      const problems = local.problems();
      await shop.close();
      expect(problems).toEqual([]);
    },
  };
}

describe.each([
  ["the fake", openFake],
  ["the local GitHub, through Octokit", openLocal],
] as const)("%s", (_, open) => {
  let given: OpenPullRequest;
  beforeEach(async () => {
    given = await open();
  });
  afterEach(async () => given.cleanUp());

  it("reacts once, however often it is asked", async () => {
    const { github, repository } = given;
    const commentId = given.write("/deploy");
    const first = await github.createReaction(repository, commentId, "eyes");
    expect(await github.createReaction(repository, commentId, "eyes")).toBe(first);
    for (const content of ["rocket", "+1", "-1"] as const) {
      await github.createReaction(repository, commentId, content);
    }
    expect(given.reactions(commentId)).toEqual(["eyes", "rocket", "+1", "-1"]);
  });

  it("takes a reaction back, also one that is gone already", async () => {
    const { github, repository } = given;
    const commentId = given.write("/deploy");
    const id = await github.createReaction(repository, commentId, "+1");
    await github.deleteReaction(repository, commentId, id);
    await github.deleteReaction(repository, commentId, id);
    expect(given.reactions(commentId)).toEqual([]);
  });

  it("refuses a reaction to a comment that was deleted", async () => {
    const commentId = given.write("/deploy");
    given.remove(commentId);
    await expect(
      given.github.createReaction(given.repository, commentId, "eyes"),
    ).rejects.toMatchObject({ retryable: false, details: { status: 404 } });
  });

  it("comments, and edits in place", async () => {
    const { github, repository, number } = given;
    const id = await github.createComment(repository, number, `${MARKER}\n\none`);
    await github.updateComment(repository, id, `${MARKER}\n\ntwo`);
    expect(given.bodies()).toEqual([`${MARKER}\n\ntwo`]);
  });

  it("says so when the comment to edit was deleted", async () => {
    const { github, repository, number } = given;
    const id = await github.createComment(repository, number, "one");
    given.remove(id);
    await expect(github.updateComment(repository, id, "two")).rejects.toMatchObject({
      retryable: false,
      details: { status: 404 },
    });
  });

  it("finds its own comment by the marker, and nobody else's", async () => {
    const { github, repository, number } = given;
    const wanted = { marker: MARKER, since: Date.now() - 60_000 };
    given.write(`${MARKER}\n\nI am Skep, believe me`);
    await github.createComment(repository, number, `not at its beginning: ${MARKER}`);
    expect(await github.findComment(repository, number, wanted)).toBeNull();
    const id = await github.createComment(repository, number, `${MARKER}\n\nreal`);
    expect(await github.findComment(repository, number, wanted)).toBe(id);
  });

  it("finds it among many", async () => {
    const { github, repository, number } = given;
    for (let i = 0; i < 120; i++) given.write(`comment ${i}`);
    const id = await github.createComment(repository, number, `${MARKER}\n\nreal`);
    const wanted = { marker: MARKER, since: Date.now() - 60_000 };
    expect(await github.findComment(repository, number, wanted)).toBe(id);
  });
});

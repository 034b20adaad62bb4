import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createConversationReporter,
  type ConversationReporter,
} from "../../../src/checks/conversation/conversation-reporter.ts";
import { createOctokitConversations } from "../../../src/checks/conversation/github.ts";
import { createInstallationBudgets } from "../../../src/checks/installation-budgets.ts";
import { createReporter, type Reporter } from "../../../src/checks/reporter.ts";
import { createSystemClock } from "../../../src/clock.ts";
import { createGitHubAuth } from "../../../src/github/auth.ts";
import type { AnswerResult } from "../../../src/store/conversation.ts";
import { answer, commandComment, refused } from "../../support/conversations.ts";
import { openLocalShop, type LocalShop } from "../../support/local-github.ts";
import { createRecordedLog } from "../../support/recorded-log.ts";
import { decision, delivery, plannedDeployment } from "../../support/records.ts";
import { openReportWorld, type ReportWorld } from "../../support/report-world.ts";
import { waitUntil } from "../../support/wait-until.ts";

// The whole way on real time: store, both reporters, Octokit, and a GitHub that judges each request by its description.
let world: ReportWorld;
let shop: LocalShop;
let deployments: Reporter;
let conversations: ConversationReporter;
let number: number;

const clock = createSystemClock();
const where = { owner: "acme", repo: "shop" };

beforeEach(async () => {
  world = await openReportWorld();
  shop = await openLocalShop();
  const { local } = shop;
  await local.pushFiles({ ...where, branch: "change", files: { "a.txt": "a\n" } });
  ({ number } = await local.openPullRequest({ ...where, head: "change" }));
  const access = { apiUrl: local.apiUrl, clock };
  const auth = createGitHubAuth({ app: local.app, ...access });
  const log = createRecordedLog();
  const budgets = createInstallationBudgets(clock);
  const { store, faults, baseUrl } = world.deps();
  const shared = { store, clock, log, faults, baseUrl, budgets };
  deployments = createReporter({ ...shared, github: shop.github });
  const github = createOctokitConversations({ auth, log, appId: local.app.id, ...access });
  conversations = createConversationReporter({ ...shared, github });
  deployments.start();
  conversations.start();
});
afterEach(async () => {
  await deployments.close();
  await conversations.close();
  const problems = shop.local.problems();
  await shop.close();
  await world.cleanUp();
  expect(problems).toEqual([]);
});

const comments = () => shop.local.comments({ ...where, number });
const bot = () => `${shop.local.app.slug}[bot]`;
const status = () => comments().find(({ author }) => author === bot())?.body ?? "";
const reactionsTo = (commentId: number) =>
  comments()
    .find(({ id }) => id === commentId)
    ?.reactions.map(({ content }) => content)
    .join(" ");

/** Writes a comment and lets it be seen; returns its id. */
async function write(body: string): Promise<number> {
  const { id } = shop.local.comment({ ...where, number, body, user: "ana" });
  const seen = commandComment({
    repository: shop.repository,
    number,
    commentId: id,
    createdAt: clock.now(),
  });
  await world.store.conversations.see(seen);
  conversations.kick();
  await waitUntil("it was seen", () => reactionsTo(id) === "eyes");
  return id;
}

async function reply(commentId: number, text: string, result: AnswerResult): Promise<void> {
  const guid = `reply-${commentId}`;
  await world.store.inbox.insert(delivery({ guid, repositoryId: shop.repository.id }));
  const at = clock.now();
  const { repository, sha } = shop;
  const about = { repository, number, commentId, createdAt: at, at };
  const made = plannedDeployment({
    id: `dep_${commentId}`,
    origin: { kind: "comment", pullRequest: number },
    repository,
    sha,
    createdAt: at,
  });
  const planned = result.kind === "deployment" ? [made] : [];
  const decided = [{ repositoryId: repository.id, app: made.app, environment: made.environment }];
  const answers = [answer(text, result, about)];
  await world.store.inbox.decide([decision(guid, planned, { at, decided, answers })]);
  conversations.kick();
}

describe("on the local GitHub", () => {
  it("a command that deploys costs four requests above what the deployment costs", async () => {
    const id = await write("/deploy production");
    await reply(id, "/deploy production", { kind: "deployment", deploymentId: `dep_${id}` });
    const lease = await world.begin();
    await waitUntil("it is on its way", () => status().includes("⏳ `/deploy production`"));
    await world.end(lease, "succeeded");
    await waitUntil("it is told", () => reactionsTo(id) === "eyes rocket");
    expect(status()).toMatch(/^<!-- skep: status -->\n/u);
    expect(status()).toContain("🚀 `/deploy production` by `ana`");
    const count = (path: RegExp) => shop.local.requests.count({ kind: "api", path });
    expect(count(/\/issues\//u)).toBe(4);
  });

  it("answers of every kind share one comment", async () => {
    const refusal = await write("/deploy prod");
    await reply(refusal, "/deploy prod", refused());
    await waitUntil("it is told", () => reactionsTo(refusal) === "eyes -1");
    const help = await write("/help");
    await reply(help, "/help", { kind: "shown", what: "help", environment: null });
    await waitUntil("it is told", () => reactionsTo(help) === "eyes +1");
    expect(comments().filter(({ author }) => author === bot())).toHaveLength(1);
    expect(status().indexOf("👍 `/help`")).toBeLessThan(status().indexOf("👎 `/deploy prod`"));
  });

  it("an answer that is lost makes no second comment", async () => {
    const path = /\/issues\/\d+\/comments$/u;
    shop.local.failNext({ method: "POST", path, destroyAfter: true });
    const id = await write("/resume");
    await reply(id, "/resume", { kind: "done", message: "resumed" });
    await waitUntil("it is told", () => reactionsTo(id) === "eyes +1");
    await waitUntil("the comment is known", async () => {
      const key = { repositoryId: shop.repository.id, number };
      const { report, version } = await world.store.conversations.get(key);
      return report.sentVersion === version;
    });
    expect(comments().filter(({ author }) => author === bot())).toHaveLength(1);
  });
});

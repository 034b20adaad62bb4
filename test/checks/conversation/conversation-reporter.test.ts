import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createConversationReporter,
  type ConversationReporter,
} from "../../../src/checks/conversation/conversation-reporter.ts";
import { createInstallationBudgets } from "../../../src/checks/installation-budgets.ts";
import { openConversationWorld, type ConversationWorld } from "../../support/conversation-world.ts";
import { refused } from "../../support/conversations.ts";
import { githubError } from "../../support/fake-github.ts";
import type { Lease } from "../../../src/store/ports.ts";
import { decision, delivery, plannedDeployment, REPOSITORY } from "../../support/records.ts";
import { waitUntil } from "../../support/wait-until.ts";

let world: ConversationWorld;
let reporter: ConversationReporter;

beforeEach(async () => {
  world = await openConversationWorld();
  reporter = createConversationReporter(world.deps());
});
afterEach(async () => {
  await reporter.close();
  await world.cleanUp();
});

const KEY = { repositoryId: REPOSITORY.id, number: 12 };
const DEPLOYMENT = { kind: "deployment", deploymentId: "dep_1" } as const;

const reactions = (commentId = 501) => world.github.reactions(commentId).join(" ");
const body = () => world.github.comments().at(-1)?.body ?? "";

/** Lets simulated time pass, a little with each look, until the condition holds. */
async function inTime(what: string, holds: () => boolean, stepMs = 100): Promise<void> {
  await waitUntil(what, () => {
    world.clock.advance(stepMs);
    return holds();
  });
}

/** Waits until all is told; time passes meanwhile. */
async function settled(key = KEY): Promise<void> {
  await waitUntil("all is told", async () => {
    world.clock.advance(100);
    const { report, version } = await world.store.conversations.get(key);
    return report.sentVersion === version;
  });
}

async function said(text: string, result: Parameters<ConversationWorld["reply"]>[1], id = 501) {
  await world.see(id);
  reporter.kick();
  await waitUntil("it was seen", () => reactions(id).includes("eyes"));
  await world.reply(text, result, { commentId: id });
  reporter.kick();
}

describe("a command that deploys", () => {
  it("costs four requests: eyes, a comment, its edit at the end, and a rocket", async () => {
    reporter.start();
    await said("/deploy", DEPLOYMENT);
    const lease = await world.begin();
    await inTime("the comment is there", () => body().includes("⏳ `/deploy`"));
    await world.change(lease, { phase: "deploy" });
    await world.change(lease, { phase: "post_deploy" });
    world.clock.advance(20_000);
    await world.end(lease, "succeeded");
    await inTime("it is over", () => reactions() === "eyes rocket");
    await settled();
    expect(world.github.calls).toEqual([
      "createReaction eyes 501",
      "createComment 12",
      expect.stringMatching(/^updateComment/u),
      "createReaction rocket 501",
    ]);
    expect(body()).toContain("🚀 `/deploy` by `ana`");
    expect(body()).toContain("| <code>production</code> | [<code>aaaaaaa</code>]");
  });

  it("is edited at most once a minute while it goes on", async () => {
    reporter.start();
    await said("/deploy", DEPLOYMENT);
    const lease = await world.begin();
    await inTime("the comment is there", () => body().includes("Starting aaaaaaa"));
    const from = world.clock.now();
    await world.change(lease, { phase: "build" });
    reporter.kick();
    await inTime("progress is told", () => body().includes("Building aaaaaaa"), 1_000);
    expect(world.clock.now() - from).toBeGreaterThanOrEqual(59_000);
  });

  it.each(["failed", "rolled_back", "rollback_failed", "cancelled", "refused"] as const)(
    "gets a thumb down when it ends as %s",
    async (state) => {
      reporter.start();
      await said("/deploy", DEPLOYMENT);
      const lease = await world.begin();
      if (state === "rolled_back" || state === "rollback_failed") {
        await world.change(lease, { state: "rolling_back" });
      }
      await world.end(lease, state);
      await inTime("it is over", () => reactions() === "eyes -1");
    },
  );

  it("gets a thumb down when another one takes its place", async () => {
    reporter.start();
    await said("/deploy", DEPLOYMENT);
    await said("/deploy", { kind: "deployment", deploymentId: "dep_2" }, 502);
    await inTime("it is over", () => reactions() === "eyes -1");
    expect(reactions(502)).toBe("eyes");
  });
});

describe("a command that is answered at once", () => {
  it.each([
    ["done", { kind: "done", message: "resumed" }, "eyes +1"],
    ["shown", { kind: "shown", what: "status", environment: null }, "eyes +1"],
    ["refused", refused(), "eyes -1"],
  ] as const)("%s", async (_, result, expected) => {
    reporter.start();
    await said("/x", result);
    await inTime("it has its reaction", () => reactions() === expected);
    await settled();
    expect(world.github.calls).toHaveLength(3);
  });

  it("edits the comment that is there, and makes no second one", async () => {
    reporter.start();
    await said("/resume", { kind: "done", message: "resumed" });
    await inTime("it has its reaction", () => reactions() === "eyes +1");
    await said("/status", { kind: "shown", what: "status", environment: null }, 502);
    await inTime("it has its reaction", () => reactions(502) === "eyes +1");
    expect(world.github.comments()).toHaveLength(1);
    expect(body()).toContain("`/status`");
  });
});

describe("what else happens in an environment that the comment shows", () => {
  /** A push is deployed while somebody asks how things stand. */
  async function shownAsRunning(): Promise<Lease> {
    await world.store.inbox.insert(delivery({ guid: "push" }));
    const made = plannedDeployment({ id: "dep_9", createdAt: world.clock.now() });
    await world.store.inbox.decide([decision("push", [made])]);
    const lease = await world.begin();
    reporter.start();
    await said("/status", { kind: "shown", what: "status", environment: null });
    await inTime("the comment is there", () => body().includes("Starting aaaaaaa"));
    return lease;
  }

  it("is told when it is over, soon and once", async () => {
    const lease = await shownAsRunning();
    await world.end(lease, "succeeded");
    const from = world.clock.now();
    await inTime("the comment shows it", () => !body().includes("Starting aaaaaaa"));
    expect(world.clock.now() - from).toBeLessThan(10_000);
    expect(body()).toMatch(/\| <code>production<\/code> \| \[<code>aaaaaaa<\/code>\].* \| – \|/u);
    await settled();
    expect(world.github.calls.filter((call) => call.startsWith("updateComment"))).toHaveLength(1);
  });

  it("is told once a minute at most while it goes on", async () => {
    const lease = await shownAsRunning();
    const from = world.clock.now();
    await world.change(lease, { phase: "build" });
    await inTime("progress is told", () => body().includes("Building aaaaaaa"), 1_000);
    expect(world.clock.now() - from).toBeGreaterThanOrEqual(58_000);
  });
});

describe("a comment of several lines", () => {
  it("is answered by one edit and one reaction, the worst of its lines", async () => {
    reporter.start();
    await world.see(501);
    reporter.kick();
    await waitUntil("it was seen", () => reactions() === "eyes");
    await world.reply("/resume", { kind: "done", message: "resumed" });
    await world.reply("/deploy prod", refused(), { line: 2 });
    reporter.kick();
    await inTime("it has its reaction", () => reactions() === "eyes -1");
    await settled();
    expect(world.github.calls).toHaveLength(3);
  });

  it("changes its reaction when a later line ends worse, and keeps one", async () => {
    reporter.start();
    await said("/resume", { kind: "done", message: "resumed" });
    await inTime("the first has its reaction", () => reactions() === "eyes +1");
    await world.reply("/deploy prod", refused(), { line: 2 });
    reporter.kick();
    await inTime("the worst is told", () => reactions() === "eyes -1");
  });
});

describe("a stranger who gets no answer", () => {
  it("gets a thumb down and no comment", async () => {
    reporter.start();
    await world.reply("/deploy", { kind: "unanswered" });
    reporter.kick();
    await inTime("it has its reaction", () => reactions() === "-1");
    await settled();
    expect(world.github.calls).toEqual(["createReaction -1 501"]);
  });

  it("causes no edit of a comment that is there", async () => {
    reporter.start();
    await said("/resume", { kind: "done", message: "resumed" });
    await inTime("it has its reaction", () => reactions() === "eyes +1");
    await said("/deploy", { kind: "unanswered" }, 502);
    await inTime("it has its reaction", () => reactions(502) === "eyes -1");
    await settled();
    expect(world.github.calls.filter((call) => call.startsWith("updateComment"))).toEqual([]);
  });
});

describe("that a comment was seen", () => {
  it("is told though every report of others hangs", async () => {
    let open: () => void = () => undefined;
    world.github.holdUntil(new Promise((resolve) => (open = resolve)), "createComment");
    reporter.start();
    for (let number = 20; number < 30; number++) {
      await world.see(number, number);
      await world.reply("/resume", { kind: "done", message: "x" }, { commentId: number, number });
    }
    reporter.kick();
    await inTime("the reports hang", () => world.github.calls.includes("createComment 23"));
    await world.see(501);
    reporter.kick();
    await waitUntil("it was seen", () => reactions() === "eyes");
    open();
  });

  it("is told on the pull request whose own report hangs", async () => {
    let open: () => void = () => undefined;
    world.github.holdUntil(new Promise((resolve) => (open = resolve)), "createComment");
    reporter.start();
    await said("/resume", { kind: "done", message: "resumed" });
    await inTime("the report hangs", () => world.github.calls.includes("createComment 12"));
    await world.see(502);
    reporter.kick();
    await waitUntil("it was seen", () => reactions(502) === "eyes");
    open();
    await inTime("the first is told", () => reactions(501) === "eyes +1");
    expect(reactions(502)).toBe("eyes");
  });

  it("is told though the reports have used up their part of the budget", async () => {
    const budgets = createInstallationBudgets(world.clock);
    while (budgets.take(REPOSITORY.installationId, "report"));
    const other = createConversationReporter(world.deps({ budgets }));
    other.start();
    await world.see(501);
    other.kick();
    await waitUntil("it was seen", () => reactions() === "eyes");
    await world.reply("/resume", { kind: "done", message: "resumed" });
    other.kick();
    await inTime("the rest waits for the budget", () => reactions() === "eyes +1", 5_000);
    await other.close();
  });
});

describe("trouble", () => {
  it("of GitHub is outlasted", async () => {
    world.github.fail(null, () => githubError(502), 9);
    reporter.start();
    await world.see(501);
    await world.reply("/resume", { kind: "done", message: "resumed" });
    reporter.kick();
    await inTime("all is told", () => reactions() === "eyes +1", 2_000);
    expect(world.github.comments()).toHaveLength(1);
  });

  it("with a comment that is gone keeps the rest from nothing", async () => {
    reporter.start();
    world.github.remove(501);
    await world.see(501);
    await world.reply("/resume", { kind: "done", message: "resumed" });
    reporter.kick();
    await inTime("the comment is there", () => body().includes("resumed"));
    await settled();
    expect(world.github.calls).toEqual([
      "createReaction eyes 501",
      "createComment 12",
      "createReaction +1 501",
    ]);
  });

  it("is no reason to stay silent: the comment that somebody deleted is made anew", async () => {
    reporter.start();
    await said("/resume", { kind: "done", message: "resumed" });
    await inTime("it has its reaction", () => reactions() === "eyes +1");
    world.github.remove(world.github.comments()[0]?.id ?? 0);
    await said("/status", { kind: "shown", what: "status", environment: null }, 502);
    await inTime("it has its reaction", () => reactions(502) === "eyes +1");
    expect(world.github.comments()).toHaveLength(1);
    expect(body()).toContain("`/status`");
    expect(world.log.lines.some(({ level }) => level === "warn")).toBe(true);
  });

  it("with a pull request that nobody may comment on leaves the reactions", async () => {
    world.github.fail("createComment", () => githubError(403), 100);
    reporter.start();
    await said("/resume", { kind: "done", message: "resumed" });
    await inTime("it has its reaction", () => reactions() === "eyes +1");
    await settled();
    expect(world.github.calls.filter((call) => call.startsWith("createComment"))).toHaveLength(1);
  });

  it("of one pull request is not that of another", async () => {
    world.github.fail("createComment", () => githubError(null), 1);
    reporter.start();
    await world.see(501);
    await world.see(601, 13);
    await world.reply("/resume", { kind: "done", message: "x" });
    await world.reply("/resume", { kind: "done", message: "x" }, { commentId: 601, number: 13 });
    reporter.kick();
    await inTime(
      "both are told",
      () => reactions(501) === "eyes +1" && reactions(601) === "eyes +1",
    );
  });
});

it("needs no wake-up: what it was not told of it finds in the store", async () => {
  const deaf = { ...world.store, onTransition: () => () => undefined };
  const other = createConversationReporter(world.deps({ store: deaf }));
  other.start();
  await world.see(501);
  await world.reply("/resume", { kind: "done", message: "resumed" });
  await inTime("all is told", () => reactions() === "eyes +1", 1_000);
  await other.close();
});

it("tells nothing more once it is closed", async () => {
  reporter.start();
  await waitUntil("it sleeps", () => world.clock.nextAt() !== null);
  await reporter.close();
  await world.see(501);
  world.clock.advance(60_000);
  expect(world.github.calls).toEqual([]);
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acknowledge, converge } from "../../../src/checks/conversation/converge.ts";
import { createReportKeeper } from "../../../src/checks/conversation/report-keeper.ts";
import type { ConversationReport } from "../../../src/store/conversation.ts";
import { openConversationWorld, type ConversationWorld } from "../../support/conversation-world.ts";
import { refused } from "../../support/conversations.ts";
import { createKillSwitch, Killed, type KillSwitch } from "../../support/kill-switch.ts";
import { REPOSITORY } from "../../support/records.ts";

let world: ConversationWorld;

beforeEach(async () => {
  world = await openConversationWorld();
});
afterEach(async () => world.cleanUp());

const KEY = { repositoryId: REPOSITORY.id, number: 12 };

/** One process whose calls to GitHub and writes of its reports go through the switch. */
function process(killSwitch: KillSwitch) {
  const { conversations } = world.store;
  const guarded = {
    ...conversations,
    ...killSwitch.guard({ save: (report: ConversationReport) => conversations.save(report) }),
  };
  return world.deps({
    github: killSwitch.guard(world.github),
    reports: createReportKeeper(guarded),
  });
}

type Process = ReturnType<typeof process>;

/** Tells in the process that may be killed; when it is, a new process takes over some seconds later. */
async function tell(mortal: Process): Promise<void> {
  world.clock.advance(2_000);
  try {
    await acknowledge(mortal, KEY);
    await converge(mortal, KEY);
  } catch (thrown) {
    if (!(thrown instanceof Killed)) throw thrown;
    world.clock.advance(5_000);
    await acknowledge(world.deps(), KEY);
    await converge(world.deps(), KEY);
  }
}

interface Story {
  readonly name: string;
  readonly play: (mortal: Process) => Promise<void>;
  readonly reactions: readonly string[];
  readonly says: string;
}

const STORIES: readonly Story[] = [
  {
    name: "a deployment",
    async play(mortal) {
      await world.see(501);
      await tell(mortal);
      await world.reply("/deploy", { kind: "deployment", deploymentId: "dep_1" });
      const lease = await world.begin();
      await tell(mortal);
      await world.end(lease, "succeeded");
      await tell(mortal);
    },
    reactions: ["eyes", "rocket"],
    says: "🚀 `/deploy`",
  },
  {
    name: "a refusal that follows something done",
    async play(mortal) {
      await world.see(501);
      await world.reply("/resume", { kind: "done", message: "resumed" });
      await tell(mortal);
      await world.reply("/deploy prod", refused(), { line: 2 });
      await tell(mortal);
    },
    reactions: ["eyes", "-1"],
    says: "👎 `/deploy prod`",
  },
];

describe.each(STORIES)("$name", ({ play, reactions, says }) => {
  function check(): void {
    expect(world.github.reactions(501)).toEqual(reactions);
    expect(world.github.comments()).toHaveLength(1);
    expect(world.github.comments()[0]?.body).toContain(says);
  }

  it("is told once without a crash", async () => {
    await play(process(createKillSwitch(null, "before")));
    check();
    const { report, version } = await world.store.conversations.get(KEY);
    expect(report).toMatchObject({ aboutTo: [], attempts: 0, sentVersion: version });
  });

  it.each(["before", "after"] as const)(
    "is told once when killed %s any call to GitHub or the store",
    { timeout: 120_000 },
    async (when) => {
      const unharmed = createKillSwitch(null, when);
      await play(process(unharmed));
      expect(unharmed.count).toBeGreaterThan(8);
      for (let at = 1; at <= unharmed.count; at++) {
        await world.cleanUp();
        world = await openConversationWorld();
        const killSwitch = createKillSwitch(at, when);
        await play(process(killSwitch));
        expect(killSwitch.isDead).toBe(true);
        check();
      }
    },
  );
});

it("leaves a comment begun before a crash alone until GitHub has had its time", async () => {
  await world.see(501);
  await world.reply("/resume", { kind: "done", message: "resumed" });
  world.clock.advance(2_000);
  const createComment = (): Promise<never> => Promise.reject(new Killed());
  const killed = world.deps({ github: { ...world.github, createComment } });
  await expect(converge(killed, KEY)).rejects.toThrow(Killed);
  world.clock.advance(1_000);
  await world.store.conversations.take({ now: world.clock.now(), limit: 1, reserveMs: 5_000 });
  await converge(world.deps(), KEY);
  expect(world.github.comments()).toEqual([]);
  expect(world.github.reactions(501)).toEqual(["eyes", "+1"]);
  expect(await world.store.conversations.nextDueAt()).toBe(world.clock.now() + 2_000);
  world.clock.advance(2_000);
  await converge(world.deps(), KEY);
  expect(world.github.comments()).toHaveLength(1);
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Deployment, DeploymentState } from "../../src/deployment.ts";
import { createKillSwitch, type KillSwitch } from "../support/kill-switch.ts";
import { mortalDeps, runMortal } from "../support/mortal-run.ts";
import { openRunWorld, type RunWorld } from "../support/run-world.ts";

const SERVICE = "shop-production_shop";

let world: RunWorld;

beforeEach(async () => {
  world = await openRunWorld();
});
afterEach(async () => world.cleanUp());

function config(image: string, ...lines: readonly string[]): string {
  return ["service:", `  image: ${image}`, ...lines.map((line) => `  ${line}`), ""].join("\n");
}

interface Story {
  readonly name: string;
  /** Deployed before, unharmed. */
  readonly base: string | null;
  readonly config: string;
  readonly state: DeploymentState;
  /** What was done to the service, in order. */
  readonly writes: readonly string[];
  /** Deployment that the service names in the end; null when there is no service. */
  readonly runs: string | null;
}

const PAUSE = "deploy: { update_config: { failure_action: pause } }";

const STORIES: readonly Story[] = [
  {
    name: "a first version",
    base: null,
    config: config("good:1"),
    state: "succeeded",
    writes: ["create", "mark"],
    runs: "dep_2",
  },
  {
    name: "a version that is built",
    base: null,
    config: "service:\n  build: .\n",
    state: "succeeded",
    writes: ["create", "mark"],
    runs: "dep_2",
  },
  {
    name: "an update",
    base: config("good:1"),
    config: config("good:2"),
    state: "succeeded",
    writes: ["update", "mark"],
    runs: "dep_2",
  },
  {
    name: "an update that changes nothing",
    base: config("good:1"),
    config: config("good:1"),
    state: "succeeded",
    writes: ["mark"],
    runs: "dep_1",
  },
  {
    name: "a first version that fails",
    base: null,
    config: config("bad:1"),
    state: "failed",
    writes: ["create", "remove"],
    runs: null,
  },
  {
    name: "an update that Swarm rolls back",
    base: config("good:1"),
    config: config("bad:1"),
    state: "rolled_back",
    writes: ["update"],
    runs: "dep_1",
  },
  {
    name: "an update that Skep rolls back",
    base: config("good:1"),
    config: config("bad:1", PAUSE),
    state: "rolled_back",
    writes: ["update", "update"],
    runs: "dep_1",
  },
];

async function tell(story: Story, killSwitch: KillSwitch): Promise<Deployment> {
  const { swarm, builder } = world;
  for (const image of ["good:1", "good:2", "bad:1"]) builder.addRemoteImage(image);
  swarm.script("bad:1", { does: { kind: "exits", afterMs: 100, code: 1 }, lines: ["no database"] });
  if (story.base !== null) {
    await world.accept("dep_1", story.base);
    expect((await world.run()).state).toBe("succeeded");
  }
  await world.accept("dep_2", story.config);
  return runMortal(world, mortalDeps(world, killSwitch));
}

async function check(story: Story, deployment: Deployment): Promise<void> {
  const told = world.lines.slice(-12).join("\n");
  expect(deployment.state, told).toBe(story.state);
  const isFailed = story.state !== "succeeded";
  expect(deployment.failure?.code ?? null, told).toBe(isFailed ? "task_exited" : null);
  expect(deployment.failure?.evidence ?? [], told).toEqual(isFailed ? ["no database"] : []);
  expect(deployment.phases.every(({ outcome }) => outcome !== "running")).toBe(true);
  const live = await world.swarm.service(SERVICE);
  expect(live?.spec.Labels["skep.deployment"] ?? null).toBe(story.runs);
  const before = story.base === null ? 0 : 2;
  const writes = world.swarm.writes.slice(before).map(({ kind }) => kind);
  // Marking again changes nothing, and removing what is gone neither.
  const once = writes.filter((kind, index) => kind !== writes[index - 1] || kind === "update");
  expect(once, told).toEqual(story.writes);
}

describe.each(STORIES)("$name", (story) => {
  it("comes to its end without a crash", async () => {
    await check(story, await tell(story, createKillSwitch(null, "before")));
  });

  it.each(["before", "after"] as const)(
    "comes to the same end, by the same changes, when killed %s any change",
    { timeout: 300_000 },
    async (when) => {
      const unharmed = createKillSwitch(null, when);
      await tell(story, unharmed);
      expect(unharmed.count).toBeGreaterThan(9);
      for (let at = 1; at <= unharmed.count; at++) {
        await world.cleanUp();
        world = await openRunWorld();
        const killSwitch = createKillSwitch(at, when);
        const deployment = await tell(story, killSwitch);
        await check(story, deployment).catch((error: unknown) => {
          throw new Error(`killed ${when} change ${at} of ${unharmed.count}: ${String(error)}`);
        });
      }
    },
  );
});

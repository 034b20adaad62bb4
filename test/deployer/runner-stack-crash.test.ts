import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Deployment } from "../../src/deployment.ts";
import { createKillSwitch, type KillSwitch } from "../support/kill-switch.ts";
import { mortalDeps, runMortal } from "../support/mortal-run.ts";
import { openRunWorld, shaOf, type RunWorld } from "../support/run-world.ts";
import { STACK_STORIES, type StackCommit, type StackStory } from "../support/stack-stories.ts";

const STACK = "shop-production";
const CONFIG = "stack: [stack.yml]\n";

let world: RunWorld;

beforeEach(async () => {
  world = await openRunWorld();
});
afterEach(async () => world.cleanUp());

function filesOf({ services, settings }: StackCommit): Record<string, string> {
  const configs = { settings: { file: "settings.txt" } };
  const stack = { services, ...(settings !== undefined && { configs }) };
  return { "stack.yml": JSON.stringify(stack), "settings.txt": settings ?? "" };
}

/** How many writes there were when the part of the story begins that is told with a kill switch. */
interface Begun {
  readonly writes: number;
  readonly objects: number;
}

async function tell(
  story: StackStory,
  killSwitch: KillSwitch,
): Promise<{ readonly deployment: Deployment; readonly begun: Begun }> {
  const { swarm, builder } = world;
  for (const image of ["good:1", "good:2", "bad:1", "job:1", "job:2"]) {
    builder.addRemoteImage(image);
    if (image.startsWith("job")) {
      swarm.script(image, { does: { kind: "exits", afterMs: 2_000, code: 0 } });
    }
  }
  swarm.script("bad:1", { does: { kind: "exits", afterMs: 100, code: 1 }, lines: ["no database"] });
  const first = story.base === null ? null : await deploy("dep_1", story.base);
  if (story.isRollback) await deploy("dep_2", story.commit);
  const begun = { writes: swarm.writes.length, objects: swarm.objectWrites.length };
  if (story.isRollback) {
    const releaseId = first?.releaseId ?? null;
    const version = "v1";
    const about = { kind: "rollback", releaseId, version, sha: shaOf("dep_1") } as const;
    await world.accept("dep_3", CONFIG, about);
  } else await world.accept("dep_2", CONFIG, {}, filesOf(story.commit));
  return { deployment: await runMortal(world, mortalDeps(world, killSwitch)), begun };
}

async function deploy(id: string, commit: StackCommit): Promise<Deployment> {
  await world.accept(id, CONFIG, {}, filesOf(commit));
  const ended = await world.run();
  expect(ended.state, world.lines.slice(-12).join("\n")).toBe("succeeded");
  return ended;
}

async function check(story: StackStory, deployment: Deployment, begun: Begun): Promise<void> {
  const told = world.lines.slice(-20).join("\n");
  expect(deployment.state, told).toBe(story.state);
  const isFailed = story.state !== "succeeded";
  expect(deployment.failure?.code ?? null, told).toBe(isFailed ? "task_exited" : null);
  expect(deployment.phases.every(({ outcome }) => outcome !== "running")).toBe(true);

  const { services } = await world.swarm.stack(STACK);
  const runs = services.map(({ spec }) => [shortName(spec.Name), spec.Labels["skep.deployment"]]);
  expect(Object.fromEntries(runs), told).toEqual(story.runs);

  const writes = world.swarm.writes
    .slice(begun.writes)
    .map(({ kind, name }) => (kind === "mark" ? kind : `${kind} ${shortName(name)}`));
  // Marking again changes nothing.
  const once = writes.filter((write, index) => write !== "mark" || writes[index - 1] !== "mark");
  expect(once, told).toEqual(story.writes);
  const objects = world.swarm.objectWrites.slice(begun.objects);
  expect(
    objects.map(({ kind, object }) => `${kind} ${object}`),
    told,
  ).toEqual(story.objects);
  const mark = await world.swarm.releaseMark(STACK);
  const marked = isFailed ? story.base && "dep_1" : deployment.id;
  expect(mark?.["skep.deployment"] ?? null, told).toBe(marked);
}

function shortName(name: string): string {
  return name.slice(STACK.length + 1);
}

// Not `$name`, which is cut.
describe.each(STACK_STORIES.map((story) => [story.name, story] as const))("%s", (_, story) => {
  it("comes to its end without a crash", async () => {
    const { deployment, begun } = await tell(story, createKillSwitch(null, "before"));
    await check(story, deployment, begun);
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
        const { deployment, begun } = await tell(story, createKillSwitch(at, when));
        await check(story, deployment, begun).catch((error: unknown) => {
          throw new Error(`killed ${when} change ${at} of ${unharmed.count}: ${String(error)}`);
        });
      }
    },
  );
});

import { afterEach, beforeEach, expect, it } from "vitest";
import type { Deployment } from "../../src/deployment.ts";
import { openRunWorld, type RunWorld } from "../support/run-world.ts";

/** As the world's limits say. */
const ROLLOUT_MS = 300_000;

let world: RunWorld;

beforeEach(async () => {
  world = await openRunWorld();
  for (const image of ["slow:1", "good:1", "bad:1"]) world.builder.addRemoteImage(image);
});
afterEach(async () => world.cleanUp());

async function deploy(id: string, services: Readonly<Record<string, object>>): Promise<Deployment> {
  const files = { "stack.yml": JSON.stringify({ services }) };
  await world.accept(id, "stack: [stack.yml]\n", {}, files);
  return await world.run();
}

/** Services that wait for each other, one after the other. */
function chain(image: string, length: number): Readonly<Record<string, object>> {
  const keys = Array.from({ length }, (_, index) => `s${index + 1}`);
  return Object.fromEntries(
    keys.map((key, index) => [key, { image, depends_on: keys.slice(0, index).slice(-1) }]),
  );
}

it("gives each service its time from when it is sent, however long those before it took", async () => {
  const startMs = ROLLOUT_MS / 3;
  world.swarm.script("slow:1", { startMs });
  const begin = world.clock.now();
  const ended = await deploy("dep_1", chain("slow:1", 6));
  expect(ended, world.lines.slice(-5).join("\n")).toMatchObject({ state: "succeeded" });
  expect(world.clock.now() - begin).toBeGreaterThan(6 * startMs);
});

it("fails by the clock when one of them takes longer than that", async () => {
  world.swarm.script("slow:1", { startMs: 2 * ROLLOUT_MS });
  const { s1: first, ...rest } = chain("good:1", 4);
  const services = { s1: first ?? {}, ...rest, s2: { image: "slow:1", depends_on: ["s1"] } };
  const ended = await deploy("dep_1", services);
  expect(ended).toMatchObject({ state: "failed", failure: { code: "rollout_timeout" } });
  expect(ended.failure?.summary).toMatch(/^s2: /);
  expect(await world.swarm.stack("shop-production")).toMatchObject({ services: [] });
});

it("keeps a stack's secrets out of its log and of what it tells of a failure", async () => {
  const secret = "hunter2-of-the-shop";
  const told: string[][] = [];
  const logs = {
    ...world.deps().logs,
    redact: (values: readonly string[]) => void told.push([...values]),
  };
  world.swarm.script("bad:1", {
    does: { kind: "exits", afterMs: 10, code: 1 },
    lines: [`cannot log in with ${secret}`],
  });
  const stack = {
    services: { api: { image: "bad:1", secrets: ["token"] } },
    secrets: { token: { file: "token.txt" } },
  };
  const files = { "stack.yml": JSON.stringify(stack), "token.txt": `${secret}\n` };
  await world.accept("dep_1", "stack: [stack.yml]\n", {}, files);
  const ended = await world.run(world.deps({ logs }));
  expect(ended).toMatchObject({ state: "failed", failure: { code: "task_exited" } });
  expect(ended.failure?.evidence).toEqual(["cannot log in with [REDACTED]"]);
  expect(told).toEqual([[`${secret}\n`]]);
});

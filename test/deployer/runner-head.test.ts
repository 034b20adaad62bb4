import { afterEach, beforeEach, expect, it } from "vitest";
import { SkepError } from "../../src/errors.ts";
import type { RunnerDeps } from "../../src/deployer/run.ts";
import { createKillSwitch } from "../support/kill-switch.ts";
import { mortalDeps, runMortal } from "../support/mortal-run.ts";
import { openRunWorld, shaOf, type RunWorld } from "../support/run-world.ts";

const BUILT = "service:\n  build: .\n";
const SHA = shaOf("dep_1");
const NEW = "b".repeat(40);

let world: RunWorld;

beforeEach(async () => {
  world = await openRunWorld();
  await world.accept("dep_1", BUILT, { headOf: 7 });
  world.moveHead(7, SHA);
});
afterEach(async () => world.cleanUp());

it("deploys the head of a pull request that is still its head", async () => {
  expect(await world.run()).toMatchObject({ state: "succeeded", sha: SHA });
});

it("refuses one that is not, with both commits, and offers the new one", async () => {
  world.moveHead(7, NEW);
  const ended = await world.run();
  expect(ended).toMatchObject({ state: "refused", phase: "pre_build", releaseId: null });
  expect(ended.failure).toMatchObject({
    code: "ref_changed",
    summary: `the head of pull request 7 is ${NEW} now and was ${SHA} when it was asked for`,
    nextStep: `Look at what is new; to deploy it, comment \`/deploy production at ${NEW}\`.`,
  });
  expect(ended.finishedAt).not.toBeNull();
  expect(world.builder.builds).toEqual([]);
  expect(world.swarm.writes).toEqual([]);
});

it("refuses one whose pull request is gone", async () => {
  world.moveHead(7, null);
  const { state, failure } = await world.run();
  expect([state, failure?.code]).toEqual(["refused", "ref_changed"]);
  expect(failure?.summary).toContain(`has no head any more; it was at ${SHA}`);
  expect(failure?.nextStep).toContain(`comment \`/deploy production at ${SHA}\` on another`);
});

function withHeads(pullRequestHead: () => Promise<string | null>): RunnerDeps {
  const deps = world.deps();
  return { ...deps, source: { ...deps.source, pullRequestHead } };
}

it("asks again while GitHub does not answer", async () => {
  let calls = 0;
  const head = async (): Promise<string> => {
    if (++calls > 3) return SHA;
    throw new SkepError("source_unavailable", "GitHub is away", { retryable: true });
  };
  expect(await world.run(withHeads(head))).toMatchObject({ state: "succeeded" });
  expect(calls).toBe(4);
});

it("fails when GitHub does not answer for too long", async () => {
  const head = (): Promise<never> =>
    Promise.reject(new SkepError("source_unavailable", "GitHub is away", { retryable: true }));
  expect(await world.run(withHeads(head))).toMatchObject({
    state: "failed",
    failure: { code: "source_unavailable", phase: "pre_build" },
  });
});

it("does not ask for commits that nobody calls a head", async () => {
  await world.run();
  await world.accept("dep_2", BUILT);
  world.moveHead(7, null);
  expect(await world.run()).toMatchObject({ id: "dep_2", state: "succeeded" });
});

it("asks again after a crash only while nothing was built", { timeout: 120_000 }, async () => {
  const unharmed = createKillSwitch(null, "after");
  await runMortal(world, mortalDeps(world, unharmed));
  const states: string[] = [];
  for (let at = 1; at <= unharmed.count; at++) {
    await world.cleanUp();
    world = await openRunWorld();
    await world.accept("dep_1", BUILT, { headOf: 7 });
    world.moveHead(7, SHA);
    await expect(world.run(mortalDeps(world, createKillSwitch(at, "after")))).rejects.toThrow();
    world.moveHead(7, NEW);
    const [left] = await world.store.deployments.list({ limit: 1 });
    if (left?.finishedAt !== null) continue;
    const hasBuilt = (await world.store.deployments.journal("dep_1")).length > 0;
    const { state } = await world.run();
    expect(state, `killed after change ${at}`).toBe(hasBuilt ? "succeeded" : "refused");
    states.push(state);
  }
  expect(states[0]).toBe("refused");
  expect(states.at(-1)).toBe("succeeded");
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runDeploymentLane } from "../../src/lanes/deployment-lane.ts";
import type { RunnerDeps } from "../../src/deployer/run.ts";
import { passTime, settle } from "../support/pass-time.ts";
import { createRecordedLog, type RecordedLog } from "../support/recorded-log.ts";
import { plannedDeployment } from "../support/records.ts";
import { openRunWorld, type RunWorld } from "../support/run-world.ts";

const LANE = plannedDeployment().lane;
const CONFIG = "service:\n  image: good:1\n";
/** As the world's limits say. */
const LEASE_MS = 30_000;

let world: RunWorld;
let log: RecordedLog;
let closing: AbortController;
let aborting: AbortController;

beforeEach(async () => {
  world = await openRunWorld();
  world.builder.addRemoteImage("good:1");
  log = createRecordedLog();
  closing = new AbortController();
  aborting = new AbortController();
});
afterEach(async () => world.cleanUp());

function runLane(runner: RunnerDeps = world.deps()): Promise<void> {
  const shutdown = { closing: closing.signal, aborting: aborting.signal };
  return runDeploymentLane({ runner, owner: "me", log }, LANE, shutdown);
}

const stateOf = async (id: string) => (await world.store.deployments.get(id))?.state;
const messages = (): readonly string[] => log.lines.map(({ message }) => message);
const steal = (leaseMs: number) =>
  world.store.deployments.expireLeasesOfOthers("thief", world.clock.now()).then(() =>
    world.store.deployments.claim({
      lane: LANE,
      owner: "thief",
      now: world.clock.now(),
      leaseMs,
    }),
  );

/** Lets the lane run for some simulated time, and no further. */
async function runFor(ms: number): Promise<void> {
  const until = world.clock.now() + ms;
  while (world.clock.now() < until) {
    await settle();
    const next = Math.min(world.clock.nextAt() ?? until, until);
    world.clock.advance(next - world.clock.now());
  }
  await settle();
}

describe("the deployment lane", () => {
  it("runs what waits, one after the other, until nothing is left", async () => {
    await world.accept("dep_1", CONFIG);
    const running = runLane();
    await runFor(1_000);
    await world.accept("dep_2", CONFIG);
    await passTime(world.clock, running);
    expect([await stateOf("dep_1"), await stateOf("dep_2")]).toEqual(["succeeded", "succeeded"]);
    expect(messages()).toEqual([
      "deployment started",
      "deployment ended",
      "deployment started",
      "deployment ended",
    ]);
  });

  it("goes on with what waits as soon as what runs is cancelled", async () => {
    world.builder.script({ durationMs: 50_000 });
    await world.accept("dep_1", "service:\n  build: .\n");
    const running = runLane();
    await runFor(1_000);
    await world.accept("dep_2", CONFIG);
    await world.cancel("dep_1", "ana");
    await runFor(1_000);
    expect([await stateOf("dep_1"), await stateOf("dep_2")]).toEqual(["cancelled", "running"]);
    await passTime(world.clock, running);
    expect(await stateOf("dep_2")).toBe("succeeded");
    expect(messages()).not.toContain("deployment handed back for the next start");
  });

  it("does nothing when the lane is empty, or somebody else works on it", async () => {
    await runLane();
    await world.accept("dep_1", CONFIG);
    await steal(LEASE_MS);
    await runLane();
    expect(messages()).toEqual([]);
    expect(await stateOf("dep_1")).toBe("running");
  });

  it("keeps its lease for as long as it runs", async () => {
    world.builder.script({ durationMs: 4 * LEASE_MS });
    await world.accept("dep_1", "service:\n  build: .\n");
    const limits = { ...world.deps().limits, buildMs: 10 * LEASE_MS };
    const running = runLane(world.deps({ limits }));
    await runFor(3 * LEASE_MS);
    expect(await world.store.deployments.lanesWithWork(world.clock.now())).toEqual([]);
    await passTime(world.clock, running);
    expect(await stateOf("dep_1")).toBe("succeeded");
  });

  it("renews it again after a store that failed once", async () => {
    world.builder.script({ durationMs: 3 * LEASE_MS });
    await world.accept("dep_1", "service:\n  build: .\n");
    let failures = 1;
    const { deployments } = world.store;
    const renew: typeof deployments.renew = (lease, expiresAt) =>
      failures-- > 0 ? Promise.reject(new Error("disk")) : deployments.renew(lease, expiresAt);
    const store = { ...world.store, deployments: { ...deployments, renew } };
    const limits = { ...world.deps().limits, buildMs: 10 * LEASE_MS };
    await passTime(world.clock, runLane(world.deps({ store, limits })));
    expect(await stateOf("dep_1")).toBe("succeeded");
    expect(messages()).toContain("renewing a lease");
  });

  it("stops at once when somebody else took the deployment over, and leaves it to them", async () => {
    world.builder.script({ durationMs: 10 * LEASE_MS });
    await world.accept("dep_1", "service:\n  build: .\n");
    const running = runLane();
    await runFor(5_000);
    const stolen = await steal(LEASE_MS);
    await expect(passTime(world.clock, running)).rejects.toMatchObject({ code: "lease_lost" });
    expect(world.clock.nextAt()).toBeNull();
    expect(await stateOf("dep_1")).toBe("running");
    if (!stolen) throw new Error("nothing was stolen");
    await world.store.deployments.renew(stolen.lease, world.clock.now() + LEASE_MS);
    expect(world.swarm.writes).toEqual([]);
  });
});

describe("when the process ends", () => {
  it("takes nothing more, and lets what runs go on", async () => {
    await world.accept("dep_1", CONFIG);
    const running = runLane();
    await runFor(1_000);
    await world.accept("dep_2", CONFIG);
    closing.abort();
    await passTime(world.clock, running);
    expect([await stateOf("dep_1"), await stateOf("dep_2")]).toEqual(["succeeded", "queued"]);
  });

  it("hands back what it does not finish, for the next process to go on with at once", async () => {
    await world.accept("dep_1", CONFIG);
    const running = runLane();
    await runFor(1_000);
    expect(world.swarm.writes.map(({ kind }) => kind)).toEqual(["create"]);
    closing.abort();
    aborting.abort(new Error("the deadline has passed"));
    await passTime(world.clock, running);
    expect(messages()).toContain("deployment handed back for the next start");
    expect(await world.store.deployments.lanesWithWork(world.clock.now())).toEqual([LANE]);
    [closing, aborting] = [new AbortController(), new AbortController()];
    await passTime(world.clock, runLane());
    expect(await stateOf("dep_1")).toBe("succeeded");
    expect(world.swarm.writes.map(({ kind }) => kind)).toEqual(["create", "mark"]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runDeployment } from "../../src/deployer/runner.ts";
import type { RunnerDeps } from "../../src/deployer/run.ts";
import type { Deployment } from "../../src/deployment.ts";
import { SkepError } from "../../src/errors.ts";
import type { Store } from "../../src/store/ports.ts";
import { createKillSwitch } from "../support/kill-switch.ts";
import { mortalDeps } from "../support/mortal-run.ts";
import { passTime } from "../support/pass-time.ts";
import { plannedDeployment } from "../support/records.ts";
import { openRunWorld, shaOf, type RunWorld } from "../support/run-world.ts";

const SERVICE = "shop-production_shop";
const BUILT = "service:\n  build: .\n";
const WISH = { code: "cancelled_by_user", summary: "cancelled by ana" };

let world: RunWorld;

beforeEach(async () => {
  world = await openRunWorld();
  for (const image of ["good:1", "good:2", "bad:1"]) world.builder.addRemoteImage(image);
});
afterEach(async () => world.cleanUp());

function config(image: string, ...lines: readonly string[]): string {
  return ["service:", `  image: ${image}`, ...lines.map((line) => `  ${line}`), ""].join("\n");
}

/** Runs a deployment that is cancelled so long after its start. */
async function cancelAfter(ms: number, text: string, deps?: RunnerDeps) {
  await world.accept("dep_2", text);
  return await runAndCancel(ms, deps);
}

async function runAndCancel(ms: number, deps?: RunnerDeps) {
  const at = world.clock.now() + ms;
  const asked = world.clock.sleep(ms).then(() => world.cancel("dep_2", "ana"));
  const ended = await world.run(deps);
  await asked;
  return { ended, tookMs: (ended.finishedAt ?? 0) - at };
}

async function deployFirst(): Promise<void> {
  await world.accept("dep_1", config("good:1"));
  expect(await world.run()).toMatchObject({ state: "succeeded" });
}

const servedBy = async (): Promise<string | null> =>
  (await world.swarm.service(SERVICE))?.spec.Labels["skep.deployment"] ?? null;

function expectUntouched({ ended, tookMs }: { ended: Deployment; tookMs: number }): void {
  expect(ended).toMatchObject({ state: "cancelled", cancelledBy: "ana", failure: WISH });
  expect(ended.phases.at(-1)).toMatchObject({ phase: ended.phase, outcome: "failed" });
  expect(tookMs).toBeLessThan(1_000);
  expect(world.swarm.writes).toEqual([]);
}

describe("a deployment that is cancelled before the Swarm is touched", () => {
  it("ends its build, on the engine too", async () => {
    world.builder.script({ durationMs: 30_000 });
    const signals: AbortSignal[] = [];
    const build: RunnerDeps["builder"]["build"] = (request) => {
      signals.push(request.signal);
      return world.builder.build(request);
    };
    const deps = world.deps({ builder: { ...world.builder, build } });
    expectUntouched(await cancelAfter(2_000, BUILT, deps));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(await world.store.catalog.build("any")).toBeNull();
  });

  it("waits no more for a git that hangs", async () => {
    const deps = world.deps();
    const fetch = (): Promise<never> => new Promise(() => undefined);
    expectUntouched(
      await cancelAfter(2_000, BUILT, { ...deps, source: { ...deps.source, fetch } }),
    );
  });

  it("waits no more for an engine that is away", async () => {
    const imageId = (): Promise<never> =>
      Promise.reject(new SkepError("swarm_unreachable", "it is away", { retryable: true }));
    const deps = world.deps({ builder: { ...world.builder, imageId } });
    expectUntouched(await cancelAfter(5_000, BUILT, deps));
  });

  it("ends a rollback that looks for its image", async () => {
    await deployFirst();
    const [first] = await world.store.deployments.list({ limit: 1 });
    const sha = shaOf("dep_1");
    const releaseId = first?.releaseId ?? null;
    await world.accept("dep_2", "", { kind: "rollback", releaseId, sha });
    const pull: RunnerDeps["builder"]["pull"] = async (_, signal) => {
      await world.clock.sleep(60_000, signal);
      throw new Error("it was pulled");
    };
    const writes = world.swarm.writes.length;
    const { ended } = await runAndCancel(
      1_000,
      world.deps({ builder: { ...world.builder, pull } }),
    );
    expect(ended).toMatchObject({ state: "cancelled", phase: "pre_build", failure: WISH });
    expect(world.swarm.writes).toHaveLength(writes);
    expect(await servedBy()).toBe("dep_1");
  });
});

describe("a deployment that is cancelled after the Swarm was touched", () => {
  it.each([
    ["while its tasks start", 5_000],
    ["while it is proved", 24_000],
  ])("goes back %s", async (_, ms) => {
    await deployFirst();
    world.swarm.script("good:2", { startMs: 20_000 });
    const { ended } = await cancelAfter(ms, config("good:2"));
    expect(ended).toMatchObject({ state: "rolled_back", cancelledBy: "ana", failure: WISH });
    expect(await servedBy()).toBe("dep_1");
    const states = (await world.store.deployments.transitions("dep_2")).map(({ to }) => to);
    expect([...new Set(states)]).toEqual(["queued", "running", "rolling_back", "rolled_back"]);
  });

  it("is removed when nothing ran before", async () => {
    world.swarm.script("good:2", { startMs: 20_000 });
    const { ended } = await cancelAfter(5_000, config("good:2"));
    expect(ended).toMatchObject({ state: "failed", failure: WISH });
    expect(await servedBy()).toBeNull();
  });

  it("does not take long to begin to", async () => {
    await deployFirst();
    world.swarm.script("good:2", { startMs: 20_000 });
    const at = world.clock.now() + 5_000;
    await cancelAfter(5_000, config("good:2"));
    const transitions = await world.store.deployments.transitions("dep_2");
    const back = transitions.find(({ to }) => to === "rolling_back");
    expect(back).toMatchObject({ reason: "cancelled_by_user" });
    expect((back?.at ?? Infinity) - at).toBeLessThan(1_000);
  });
});

describe("a wish to cancel that comes late", () => {
  it("does not undo what is proved", async () => {
    const markRelease: RunnerDeps["swarm"]["markRelease"] = async (name, labels) => {
      await world.cancel("dep_2", "ana");
      await world.clock.sleep(3_000);
      await world.swarm.markRelease(name, labels);
    };
    await world.accept("dep_2", config("good:2"));
    const ended = await world.run(world.deps({ swarm: { ...world.swarm, markRelease } }));
    expect(ended).toMatchObject({ state: "succeeded", failure: null, cancelledBy: "ana" });
    expect(await servedBy()).toBe("dep_2");
  });

  it("does not cut short what goes back already, and is not its cause", async () => {
    await deployFirst();
    world.swarm.script("bad:1", { does: { kind: "exits", afterMs: 100, code: 1 } });
    const pause = "deploy: { update_config: { failure_action: pause } }";
    await world.accept("dep_2", config("bad:1", pause));
    const stop = world.store.onTransition(({ to, from }) => {
      if (to === "rolling_back" && from === "running") void world.cancel("dep_2", "ana");
    });
    const ended = await world.run();
    stop();
    expect(ended).toMatchObject({ state: "rolled_back", cancelledBy: "ana" });
    expect(ended.failure).toMatchObject({ code: "task_exited" });
    expect(await servedBy()).toBe("dep_1");
  });
});

describe("a wish to cancel that is not announced in this process", () => {
  function deaf(): RunnerDeps {
    return world.deps({ store: { ...world.store, onTransition: () => () => undefined } });
  }

  it("is found when the lease is renewed", async () => {
    world.builder.script({ durationMs: 50_000 });
    const { ended, tookMs } = await cancelAfter(2_000, BUILT, deaf());
    expect(ended).toMatchObject({ state: "cancelled", failure: WISH });
    expect(tookMs).toBeLessThanOrEqual(world.deps().limits.leaseMs / 3);
  });

  it("is found before the next step", async () => {
    world.builder.script({ durationMs: 3_000 });
    const { ended, tookMs } = await cancelAfter(2_000, BUILT, deaf());
    expect(ended).toMatchObject({ state: "cancelled", phase: "pre_deploy", failure: WISH });
    expect(tookMs).toBe(1_000);
  });

  it("is found later when the record cannot be read for a moment", async () => {
    world.builder.script({ durationMs: 50_000 });
    let isReadable = false;
    void world.clock.sleep(15_000).then(() => (isReadable = true));
    const get: Store["deployments"]["get"] = async (id) => {
      if (isReadable) return await world.store.deployments.get(id);
      throw new Error("the disk is full");
    };
    const deployments = { ...world.store.deployments, get };
    const store = { ...deaf().store, deployments };
    const { ended } = await cancelAfter(2_000, BUILT, world.deps({ store }));
    expect(ended).toMatchObject({ state: "cancelled", failure: WISH });
  });
});

describe("a process that stops", () => {
  it("leaves a cancelled run to the next one", async () => {
    world.builder.script({ durationMs: 50_000 });
    await world.accept("dep_2", BUILT);
    const { lane } = plannedDeployment();
    const now = world.clock.now();
    const claim = await world.store.deployments.claim({ lane, owner: "me", now, leaseMs: 30_000 });
    if (!claim) throw new Error("nothing to claim");
    const aborting = new AbortController();
    const running = runDeployment(world.deps(), claim, aborting.signal);
    void world.clock.sleep(2_000).then(async () => {
      const asked = world.cancel("dep_2", "ana");
      aborting.abort(new Error("shutting down"));
      await asked;
    });
    await expect(passTime(world.clock, running)).rejects.toThrow("shutting down");
    const left = await world.store.deployments.get("dep_2");
    expect(left).toMatchObject({ state: "running", cancelledBy: "ana", failure: null });
    expect(await world.run()).toMatchObject({ state: "cancelled", failure: WISH });
  });

  it("being killed at any change, has what was cancelled meanwhile ended by the next one", async () => {
    const story = async (at: number | null) => {
      await deployFirst();
      await world.accept("dep_2", BUILT);
      const killSwitch = createKillSwitch(at, "after");
      const running = world.run(mortalDeps(world, killSwitch));
      await (at === null ? running : expect(running).rejects.toThrow());
      return killSwitch.count;
    };
    const count = await story(null);
    const states = new Set<string>();
    for (let at = 1; at <= count; at++) {
      await world.cleanUp();
      world = await openRunWorld();
      world.builder.addRemoteImage("good:1");
      await story(at);
      const [left] = await world.store.deployments.list({ limit: 1 });
      if (left?.state !== "running") continue;
      await world.cancel("dep_2", "ana");
      const journal = (await world.store.deployments.journal("dep_2")).map(({ step }) => step);
      const isSent = world.swarm.writes.length > 2;
      const ended = await world.run();
      const told = `killed after change ${at}: ${world.lines.slice(-12).join("\n")}`;
      const back = isSent ? "rolled_back" : "failed";
      const untilMark = journal.includes("apply") ? back : "cancelled";
      const state = journal.includes("mark") ? "succeeded" : untilMark;
      expect(ended.state, told).toBe(state);
      expect(ended.failure?.code ?? null, told).toBe(state === "succeeded" ? null : WISH.code);
      expect(await servedBy(), told).toBe(state === "succeeded" ? "dep_2" : "dep_1");
      states.add(state);
    }
    expect([...states].toSorted()).toEqual(["cancelled", "failed", "rolled_back", "succeeded"]);
  });
});

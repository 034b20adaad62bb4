import { afterEach, beforeEach, expect, it } from "vitest";
import type { Swarm } from "../../src/deployer/ports.ts";
import type { Deployment } from "../../src/deployment.ts";
import { SkepError } from "../../src/errors.ts";
import { createKillSwitch, Killed } from "../support/kill-switch.ts";
import { openRunWorld, type RunWorld } from "../support/run-world.ts";

const SERVICE = "shop-production_shop";
/** As the world's limits say. */
const RETRY_MS = 60_000;

let world: RunWorld;

beforeEach(async () => {
  world = await openRunWorld();
  for (const image of ["good:1", "good:2", "bad:1"]) world.builder.addRemoteImage(image);
});
afterEach(async () => world.cleanUp());

function config(image: string, ...lines: readonly string[]): string {
  return ["service:", `  image: ${image}`, ...lines.map((line) => `  ${line}`), ""].join("\n");
}

async function deploy(id: string, text: string, swarm: Swarm = world.swarm): Promise<Deployment> {
  await world.accept(id, text);
  return await world.run(world.deps({ swarm }));
}

/** The Swarm, away for `forMs` from the first call of `method` on: before that call is heard, or before its answer. */
function awayAt(method: keyof Swarm, when: "before" | "after", forMs: number): Swarm {
  const { swarm, clock } = world;
  let awayUntil: number | null = null;
  const hangUp = (): never => {
    throw new SkepError("swarm_unreachable", "the engine hung up", { retryable: true });
  };
  return new Proxy<Swarm>(swarm, {
    get(object, key, receiver) {
      const value: unknown = Reflect.get(object, key, receiver);
      if (typeof value !== "function" || key === "follow") return value;
      return async (...args: unknown[]) => {
        if (awayUntil !== null && clock.now() < awayUntil) hangUp();
        const isBegin = awayUntil === null && key === method;
        if (isBegin) awayUntil = clock.now() + forMs;
        if (isBegin && when === "before") hangUp();
        const result: unknown = await Reflect.apply(value, object, args);
        return isBegin ? hangUp() : result;
      };
    },
  });
}

const servedBy = async (): Promise<string | undefined> =>
  (await world.swarm.service(SERVICE))?.spec.Labels["skep.deployment"];

it("goes back when the engine took the spec and then was away for too long", async () => {
  await deploy("dep_1", config("good:1"));
  const swarm = awayAt("updateService", "after", RETRY_MS + 20_000);
  const ended = await deploy("dep_2", config("good:2"), swarm);
  expect(ended).toMatchObject({ state: "rolled_back", failure: { code: "swarm_unreachable" } });
  expect(await servedBy()).toBe("dep_1");
});

it("changes nothing when the engine went away before it took the spec", async () => {
  await deploy("dep_1", config("good:1"));
  const swarm = awayAt("updateService", "before", RETRY_MS + 20_000);
  const ended = await deploy("dep_2", config("good:2"), swarm);
  expect(ended).toMatchObject({ state: "failed", failure: { code: "swarm_unreachable" } });
  expect(world.swarm.writes.map(({ kind }) => kind)).toEqual(["create", "mark"]);
});

it("removes a first version that cannot be known to be wanted", async () => {
  const swarm = awayAt("createService", "after", RETRY_MS + 20_000);
  expect(await deploy("dep_1", config("good:1"), swarm)).toMatchObject({ state: "failed" });
  expect(await world.swarm.service(SERVICE)).toBeNull();
});

it("goes back when the release cannot be marked", async () => {
  await deploy("dep_1", config("good:1"));
  const swarm = awayAt("markRelease", "before", RETRY_MS + 20_000);
  expect(await deploy("dep_2", config("good:2"), swarm)).toMatchObject({ state: "rolled_back" });
  expect(await servedBy()).toBe("dep_1");
  expect(await world.swarm.releaseMark("shop-production")).toMatchObject({
    "skep.deployment": "dep_1",
  });
});

it("waits for an engine that goes away late in a long roll-out as long as for any other", async () => {
  const monitorMs = 3 * RETRY_MS;
  const slow = config("good:1", `deploy: { update_config: { monitor: ${monitorMs}ms } }`);
  const { swarm, clock } = world;
  const begin = clock.now();
  const forMs = RETRY_MS - 20_000;
  const late = new Proxy<Swarm>(swarm, {
    get(object, key, receiver) {
      const value: unknown = Reflect.get(object, key, receiver);
      if (key !== "stack") return value;
      return async (name: string) => {
        const since = clock.now() - begin - 2 * RETRY_MS;
        if (since < 0 || since > forMs) return await swarm.stack(name);
        throw new SkepError("swarm_unreachable", "the engine is away", { retryable: true });
      };
    },
  });
  expect(await deploy("dep_1", slow, late)).toMatchObject({ state: "succeeded", failure: null });
  expect(clock.now() - begin).toBeGreaterThan(monitorMs);
});

it("does not take a release for written that was not, because the process ended in between", async () => {
  const { store } = world;
  const life = createKillSwitch(1, "before");
  const catalog = life.guard(store.catalog, ["saveRelease"]);
  const deployments = life.guard(store.deployments, ["finish"]);
  await world.accept("dep_1", config("good:1"));
  const mortal = world.deps({ store: { ...store, catalog, deployments } });
  await expect(world.run(mortal)).rejects.toThrow(Killed);
  const ended = await world.run();
  expect(ended).toMatchObject({ state: "succeeded", failure: null });
  expect(await store.catalog.release(ended.releaseId ?? "")).not.toBeNull();
});

it("ends when a task's output cannot be read, and names the cause without it", async () => {
  world.swarm.script("bad:1", { does: { kind: "exits", afterMs: 100, code: 3 }, lines: ["why"] });
  const taskLines: Swarm["taskLines"] = () =>
    Promise.reject(new SkepError("swarm_unreachable", "reading: it hangs", { retryable: true }));
  const ended = await deploy("dep_1", config("bad:1"), { ...world.swarm, taskLines });
  expect(ended).toMatchObject({ state: "failed", failure: { code: "task_exited" } });
  expect(ended.failure?.summary).toMatch(/\(exit code 3\); its output could not be read$/);
});

it("does not take Swarm's rollback of the version before for its own", async () => {
  const quick =
    "deploy: { restart_policy: { delay: 100ms }, update_config: { order: stop-first } }";
  world.swarm.setRollbackFirst(true);
  await deploy("dep_1", config("good:1", quick));
  world.swarm.script("bad:1", { does: { kind: "exits", afterMs: 100, code: 1 } });
  expect(await deploy("dep_2", config("bad:1", quick))).toMatchObject({ state: "rolled_back" });
  expect(await world.swarm.service(SERVICE)).toMatchObject({
    update: { state: "rollback_completed" },
  });
  const swarm = awayAt("updateService", "before", 1_000);
  expect(await deploy("dep_3", config("good:2"), swarm)).toMatchObject({ state: "succeeded" });
});

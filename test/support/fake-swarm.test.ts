import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { ServiceSpec } from "../../src/swarm-objects.ts";
import { swarmContract } from "../contracts/swarm.ts";
import { createFakeSwarm } from "./fake-swarm.ts";
import { createSimulatedClock } from "./simulated-clock.ts";

const STEP_MS = 50;
const LIMIT_MS = 60_000;

swarmContract("fake", async () => {
  const clock = createSimulatedClock();
  const swarm = createFakeSwarm(clock);
  swarm.addNetwork("contract-net");
  const lines = ["first", "second"];
  swarm.script("prints:1", { lines });
  swarm.script("completes:1", { does: { kind: "exits", afterMs: 200, code: 0 } });
  swarm.script("stops_slowly:1", { stopMs: 2_000 });
  swarm.script("exits_3:1", { does: { kind: "exits", afterMs: 20, code: 3 }, lines });
  const output = ["not well"];
  swarm.script("unhealthy:1", { does: { kind: "unhealthy", output, code: 137 } });
  swarm.script("unhealthy_polite:1", { does: { kind: "unhealthy", output, code: 0 } });
  swarm.script("no_image:1", { does: { kind: "no_image" } });
  return {
    swarm,
    prefix: "contract",
    network: "contract-net",
    container: (behaviour) => ({ Image: `${behaviour}:1` }),
    until: async (condition, holds) => {
      const end = clock.now() + LIMIT_MS;
      while (!(await holds())) {
        if (clock.now() > end) throw new Error(`waiting until ${condition}: it never was`);
        clock.advance(STEP_MS);
        // What sleeps on the clock goes on before time does.
        await setImmediate();
      }
    },
    cleanUp: async () => undefined,
  };
});

describe("strings of the fake Swarm", () => {
  const spec: ServiceSpec = {
    Name: "web",
    Labels: {},
    TaskTemplate: {
      ContainerSpec: {
        Image: "web:1",
        Labels: {},
        Privileges: { CredentialSpec: null, SELinuxContext: null },
      },
      Resources: {},
      Placement: {},
      ForceUpdate: 0,
    },
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: {},
  };
  const imageOf = (Image: string): ServiceSpec => ({
    ...spec,
    TaskTemplate: {
      ...spec.TaskTemplate,
      ContainerSpec: { ...spec.TaskTemplate.ContainerSpec, Image },
    },
  });

  it("loses a call, or only its answer", async () => {
    const swarm = createFakeSwarm(createSimulatedClock());
    swarm.failNext("createService", new Error("lost"), "before");
    await expect(swarm.createService(spec)).rejects.toThrow("lost");
    expect(await swarm.service("web")).toBeNull();
    swarm.failNext("createService", new Error("lost"), "after");
    await expect(swarm.createService(spec)).rejects.toThrow("lost");
    expect(await swarm.service("web")).not.toBeNull();
    expect(swarm.writes.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["create web"]);
  });

  it("is away as long as a test wants, and goes on meanwhile", async () => {
    const clock = createSimulatedClock();
    const swarm = createFakeSwarm(clock);
    await swarm.createService(spec);
    swarm.setReachable(false);
    await expect(swarm.info()).rejects.toMatchObject({ code: "swarm_unreachable" });
    clock.advance(1_000);
    swarm.setReachable(true);
    expect(await swarm.tasks("web")).toEqual([expect.objectContaining({ state: "running" })]);
    expect(swarm.nextAt()).toBeNull();
  });

  it("stops the old task first unless told otherwise, and goes on when that leaves a gap", async () => {
    const clock = createSimulatedClock();
    const swarm = createFakeSwarm(clock);
    swarm.script("web:1", { stopMs: 2_000 });
    await swarm.createService(spec);
    clock.advance(1_000);
    const { id = "", version = 0 } = (await swarm.service("web")) ?? {};
    await swarm.updateService({ id, version }, imageOf("web:2"));
    const states = async () => (await swarm.tasks("web")).map(({ state }) => state);
    clock.advance(1_900);
    expect(await states()).toEqual(["running", "ready"]);
    clock.advance(500);
    expect(await states()).toEqual(["shutdown", "running"]);
    expect(await swarm.service("web")).toMatchObject({ update: { state: "updating" } });
    clock.advance(5_000);
    expect(await swarm.service("web")).toMatchObject({ update: { state: "completed" } });
  });

  it("restarts what ends, after the delay that the policy says, and remembers five tasks", async () => {
    const clock = createSimulatedClock();
    const swarm = createFakeSwarm(clock);
    swarm.script("web:1", { does: { kind: "exits", afterMs: 1_000, code: 1 }, startMs: 0 });
    await swarm.createService(spec);
    clock.advance(1_500);
    expect((await swarm.tasks("web")).map(({ state }) => state)).toEqual(["failed", "ready"]);
    clock.advance(60_000);
    const tasks = await swarm.tasks("web");
    expect(tasks).toHaveLength(5);
    expect(tasks.slice(0, -1).every(({ state }) => state === "failed")).toBe(true);
  });

  it("calls a rollback completed before the old version runs, when the updater is quicker", async () => {
    const clock = createSimulatedClock();
    const swarm = createFakeSwarm(clock);
    swarm.setRollbackFirst(true);
    swarm.script("web:2", { does: { kind: "exits", afterMs: 500, code: 1 } });
    const Order = "start-first";
    const UpdateConfig = { Parallelism: 1, FailureAction: "rollback", MaxFailureRatio: 0, Order };
    await swarm.createService({ ...spec, UpdateConfig });
    clock.advance(1_000);
    const { id = "", version = 0 } = (await swarm.service("web")) ?? {};
    await swarm.updateService({ id, version }, { ...imageOf("web:2"), UpdateConfig });
    clock.advance(1_000);
    expect(await swarm.service("web")).toMatchObject({ update: { state: "rollback_completed" } });
    const current = async () => (await swarm.tasks("web")).filter((task) => task.isCurrent);
    expect((await current()).map(({ state }) => state)).toEqual(["shutdown", "ready"]);
    clock.advance(5_000);
    expect((await current()).map(({ state }) => state)).toEqual(["shutdown", "running"]);
  });

  it("leaves an update with a host port hanging when it is to start the new task first", async () => {
    const clock = createSimulatedClock();
    const swarm = createFakeSwarm(clock);
    const port = { Protocol: "tcp", TargetPort: 80, PublishedPort: 80, PublishMode: "host" };
    const UpdateConfig = {
      Parallelism: 1,
      FailureAction: "rollback",
      MaxFailureRatio: 0,
      Order: "start-first",
    };
    const published = { EndpointSpec: { Ports: [port] }, UpdateConfig };
    await swarm.createService({ ...spec, ...published });
    clock.advance(1_000);
    const { id = "", version = 0 } = (await swarm.service("web")) ?? {};
    await swarm.updateService({ id, version }, { ...imageOf("web:2"), ...published });
    clock.advance(3_600_000);
    const error = "no suitable node (host-mode port already in use on 1 node)";
    expect(await swarm.tasks("web")).toEqual([
      expect.objectContaining({ state: "running", isCurrent: false }),
      expect.objectContaining({ state: "pending", isCurrent: true, error }),
    ]);
  });
});

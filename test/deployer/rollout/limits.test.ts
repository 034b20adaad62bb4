import { describe, expect, it } from "vitest";
import { rolloutLimits, wantedTasks } from "../../../src/deployer/rollout/limits.ts";
import { aSpec, type SpecChange } from "./rollout-builders.ts";

const base = { pendingMs: 30_000, rolloutMs: 60_000, proveMs: 3_000 };
const MS = 1_000_000;

function limitsOf(change: SpecChange, nodes?: number) {
  return rolloutLimits(aSpec(change), base, nodes);
}

describe("rolloutLimits", () => {
  it("adds to the operator's limit what the spec itself asks for", () => {
    // One batch with the engine's 10 s of grace, a monitor of 5 s, a window as long.
    expect(limitsOf({})).toEqual({
      pendingMs: 30_000,
      startingMs: 120_000,
      rolloutMs: 60_000 + 10_000 + 5_000 + 5_000,
      windowMs: 5_000,
      failuresPerSlot: 3,
    });
  });

  it("gives a health check its time, for each batch", () => {
    const Healthcheck = {
      Test: ["CMD-SHELL", "true"],
      Interval: 10_000 * MS,
      Timeout: 5_000 * MS,
      Retries: 2,
      StartPeriod: 20_000 * MS,
    };
    const change: SpecChange = {
      mode: { Replicated: { Replicas: 5 } },
      container: { Healthcheck, StopGracePeriod: 2_000 * MS },
      update: { Parallelism: 2, Delay: 1_000 * MS, Monitor: 8_000 * MS },
    };
    expect(limitsOf(change)).toMatchObject({
      startingMs: 120_000 + 50_000,
      rolloutMs: 60_000 + 3 * (50_000 + 2_000 + 1_000) + 8_000 + 8_000,
      windowMs: 8_000,
    });
  });

  it("takes Docker's times for what the health check leaves open", () => {
    const container = { Healthcheck: { Test: ["CMD-SHELL", "true"] } };
    expect(limitsOf({ container }).startingMs).toBe(120_000 + 180_000);
  });

  it.each([[["NONE"]], [[]]])("does not wait for a health check that is off: %j", (Test) => {
    expect(limitsOf({ container: { Healthcheck: { Test } } }).startingMs).toBe(120_000);
  });

  it("proves for at least as long as the operator says", () => {
    expect(limitsOf({ update: { Monitor: 1_000 * MS } }).windowMs).toBe(3_000);
  });

  it.each<[string, SpecChange, number | undefined, number]>([
    [
      "all at once",
      { mode: { Replicated: { Replicas: 50 } }, update: { Parallelism: 0 } },
      undefined,
      1,
    ],
    ["no task at all", { mode: { Replicated: { Replicas: 0 } } }, undefined, 1],
    ["every node of a global service", { mode: { Global: {} } }, 4, 4],
    ["nodes that nobody counted", { mode: { Global: {} } }, undefined, 1],
    ["a job's tasks", { mode: { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 5 } } }, 9, 3],
    ["a job on every node at once", { mode: { GlobalJob: {} } }, 9, 1],
  ])("counts the batches of %s", (_, change, nodes, batches) => {
    expect(limitsOf(change, nodes).rolloutMs).toBe(60_000 + batches * 10_000 + 5_000 + 5_000);
  });
});

describe("wantedTasks", () => {
  it.each<[string, SpecChange["mode"], number]>([
    ["the number of replicas", { Replicated: { Replicas: 0 } }, 0],
    ["one when the spec names no number", { Replicated: {} }, 1],
    ["one for each node", { Global: {} }, 3],
    ["all that a job shall complete", { ReplicatedJob: { TotalCompletions: 4 } }, 4],
    ["as many as a job runs at once", { ReplicatedJob: { MaxConcurrent: 2 } }, 2],
    ["one for a job that names no number", { ReplicatedJob: {} }, 1],
    ["one for each node of a global job", { GlobalJob: {} }, 3],
  ])("is %s", (_, mode, count) => {
    expect(wantedTasks(aSpec({ ...(mode && { mode }) }), 3)).toBe(count);
  });
});

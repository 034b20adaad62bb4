import { describe, expect, it } from "vitest";
import { rolloutLimits, wantedTasks } from "../../../src/deployer/rollout/limits.ts";
import type { ServiceDefinition } from "../../../src/release.ts";
import { aDefinition, aDeploy, aHealthcheck, aSpec } from "../../support/swarm-builders.ts";

const base = { pendingMs: 30_000, rolloutMs: 60_000, proveMs: 3_000 };
const { updateConfig } = aDefinition().deploy;

function limitsOf(definition: Partial<ServiceDefinition>) {
  return rolloutLimits(aSpec(definition), base);
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
    const healthcheck = aHealthcheck({
      intervalMs: 10_000,
      timeoutMs: 5_000,
      retries: 2,
      startPeriodMs: 20_000,
    });
    const deploy = aDeploy({
      replicas: 5,
      updateConfig: { ...updateConfig, parallelism: 2, delayMs: 1_000, monitorMs: 8_000 },
    });
    expect(limitsOf({ healthcheck, deploy, stopGracePeriodMs: 2_000 })).toMatchObject({
      startingMs: 120_000 + 50_000,
      rolloutMs: 60_000 + 3 * (50_000 + 2_000 + 1_000) + 8_000 + 8_000,
      windowMs: 8_000,
    });
  });

  it("takes Docker's times for what the health check leaves open", () => {
    expect(limitsOf({ healthcheck: aHealthcheck() }).startingMs).toBe(120_000 + 180_000);
  });

  it("does not wait for a health check that is off, or that the image brings", () => {
    expect(limitsOf({ healthcheck: aHealthcheck({ test: ["NONE"] }) }).startingMs).toBe(120_000);
    expect(limitsOf({ healthcheck: aHealthcheck({ test: [] }) }).startingMs).toBe(120_000);
  });

  it("proves for at least as long as the operator says", () => {
    const deploy = aDeploy({ updateConfig: { ...updateConfig, monitorMs: 1_000 } });
    expect(limitsOf({ deploy }).windowMs).toBe(3_000);
  });

  it("counts one batch for all at once, and for no task at all", () => {
    const once = aDeploy({ replicas: 50, updateConfig: { ...updateConfig, parallelism: 0 } });
    const none = aDeploy({ replicas: 0 });
    expect(limitsOf({ deploy: once }).rolloutMs).toBe(limitsOf({}).rolloutMs);
    expect(limitsOf({ deploy: none }).rolloutMs).toBe(limitsOf({}).rolloutMs);
  });
});

describe("wantedTasks", () => {
  it("is one when the spec names no number", () => {
    expect(wantedTasks({ ...aSpec(), Mode: { Replicated: {} } })).toBe(1);
    expect(wantedTasks(aSpec({ deploy: aDeploy({ replicas: 0 }) }))).toBe(0);
  });
});

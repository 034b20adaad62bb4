import { describe, expect, it } from "vitest";
import { createLanes } from "../../src/lanes/lanes.ts";

/** Work that is held until released, with a record of what ran and how much at once. */
function heldWork() {
  const started: string[] = [];
  const releases: (() => void)[] = [];
  let running = 0;
  let most = 0;
  return {
    started,
    most: () => most,
    async work(lane: string): Promise<void> {
      started.push(lane);
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => releases.push(resolve));
      running -= 1;
    },
    async release(): Promise<void> {
      releases.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("lanes", () => {
  it("never overlap themselves, and look once more after a wake-up that came meanwhile", async () => {
    const held = heldWork();
    const lanes = createLanes({
      concurrency: 9,
      work: (lane) => held.work(lane),
      onError: () => undefined,
    });
    for (const lane of ["a", "a", "b", "a"]) lanes.wake(lane);
    expect(held.started).toEqual(["a", "b"]);
    expect([lanes.isWorking("a"), lanes.isWorking("c")]).toEqual([true, false]);
    await held.release();
    expect(held.started).toEqual(["a", "b", "a"]);
    await held.release();
    await held.release();
    await lanes.idle();
    expect(held.started).toEqual(["a", "b", "a"]);
  });

  it("run no more at once than they may, and all in the end", async () => {
    const held = heldWork();
    const lanes = createLanes({
      concurrency: 2,
      work: (lane) => held.work(lane),
      onError: () => undefined,
    });
    for (const lane of ["a", "b", "c", "d"]) lanes.wake(lane);
    expect(held.started).toEqual(["a", "b"]);
    for (let i = 0; i < 4; i++) await held.release();
    expect(held.started).toEqual(["a", "b", "c", "d"]);
    expect(held.most()).toBe(2);
  });

  it("go on after work that throws, and tell of it", async () => {
    const errors: unknown[] = [];
    let calls = 0;
    const lanes = createLanes({
      concurrency: 1,
      async work() {
        calls += 1;
        if (calls === 1) throw new Error("first");
      },
      onError: (lane, error) => errors.push([lane, error]),
    });
    lanes.wake("a");
    lanes.wake("b");
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(2);
    expect(errors).toEqual([["a", new Error("first")]]);
  });
});

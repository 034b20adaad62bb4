import { describe, expect, it } from "vitest";
import { createAppendPump, type StoreResult } from "../../src/logs/append-pump.ts";
import type { LogBatch } from "../../src/logs/log-recorder.ts";
import { logEntry } from "../support/log-entries.ts";
import { createSimulatedClock } from "../support/simulated-clock.ts";
import { waitUntil } from "../support/wait-until.ts";

function pumpWith(results: StoreResult[], maxWaitingLines = 100) {
  const clock = createSimulatedClock();
  const stored: string[] = [];
  const tried: string[][] = [];
  const pump = createAppendPump({
    clock,
    maxWaitingLines,
    store: (batches: readonly LogBatch[]) => {
      const texts = batches.flatMap((batch) => batch.entries.map((entry) => entry.text));
      tried.push(texts);
      const result = results.shift() ?? "stored";
      if (result === "stored") stored.push(...texts);
      return Promise.resolve(result);
    },
    onStored: () => {},
  });
  return { pump, clock, stored, tried };
}

describe("the way of lines to the worker", () => {
  it("tries the same lines again after a failed write, in order", async () => {
    const { pump, clock, stored, tried } = pumpWith(["failed", "failed"]);
    pump.push("dep_1", [logEntry("one")]);
    await pump.settle();
    expect(stored).toEqual([]);
    pump.push("dep_1", [logEntry("two")]);
    clock.advance(1_000);
    await waitUntil("it was tried twice", () => tried.length === 2);
    await waitUntil("it waits for the next attempt", () => clock.nextAt() !== null);
    clock.advance(1_000);
    await waitUntil("all is stored", () => stored.length === 2);
    expect(stored).toEqual(["one", "two"]);
    expect(tried.slice(0, 2)).toEqual([["one"], ["one"]]);
  });

  it("says how many lines it had to give up", async () => {
    const { pump, clock, stored } = pumpWith(["lost"]);
    pump.push("dep_1", [logEntry("one"), logEntry("two")]);
    await pump.settle();
    clock.advance(1_000);
    await waitUntil("it says so", () => stored.length > 0);
    expect(stored).toEqual(["… 2 lines dropped: output came faster than the log could be written"]);
  });

  it("gathers lines for a moment instead of sending each alone", async () => {
    const { pump, clock, tried } = pumpWith([]);
    for (let i = 0; i < 10; i++) pump.push("dep_1", [logEntry(`${i}`)]);
    expect(tried).toEqual([]);
    clock.advance(40);
    await waitUntil("they are sent", () => tried.length > 0);
    expect(tried.map((texts) => texts.length)).toEqual([10]);
  });

  it("does not wait for lines that come after", async () => {
    const { pump, stored } = pumpWith([]);
    pump.push("dep_1", [logEntry("one")]);
    const settled = pump.settle();
    pump.push("dep_1", [logEntry("two")]);
    await settled;
    expect(stored).toContain("one");
  });

  it("goes on after a reader took what a gathering moment was to send", async () => {
    const { pump, clock, stored } = pumpWith([]);
    pump.push("dep_1", [logEntry("one")]);
    await pump.settle();
    clock.advance(40);
    await waitUntil("the moment is over", () => clock.nextAt() === null);
    pump.push("dep_1", [logEntry("two")]);
    void pump.settle();
    await waitUntil("the next line is stored", () => stored.includes("two"), 2_000);
  });
});

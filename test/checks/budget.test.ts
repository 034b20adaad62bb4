import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pauseWrites, spendWrite, UNSPENT, waitForWrite } from "../../src/checks/budget.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const NOW = 10 * HOUR;

function spent(times: readonly number[]) {
  return times.reduce(spendWrite, UNSPENT);
}
const burst = (count: number, at: number) => Array.from({ length: count }, () => at);

describe("the write budget", () => {
  it("lets 80 writes through in a minute, and the next when the first is a minute old", () => {
    expect(waitForWrite(spent(burst(79, NOW)), NOW, "acknowledgement")).toBe(0);
    expect(waitForWrite(spent(burst(80, NOW)), NOW, "acknowledgement")).toBe(MINUTE);
    expect(waitForWrite(spent(burst(80, NOW)), NOW + MINUTE - 1, "acknowledgement")).toBe(1);
    expect(waitForWrite(spent(burst(80, NOW)), NOW + MINUTE, "acknowledgement")).toBe(0);
  });

  it("lets 500 writes through in an hour", () => {
    const times = Array.from({ length: 500 }, (_, i) => NOW + i * 1_000);
    const now = NOW + 10 * MINUTE;
    expect(waitForWrite(spent(times), now, "acknowledgement")).toBe(HOUR - 10 * MINUTE);
    expect(waitForWrite(spent(times), NOW + HOUR, "acknowledgement")).toBe(0);
  });

  it("keeps a share for beginnings and ends", () => {
    expect(waitForWrite(spent(burst(49, NOW)), NOW, "progress")).toBe(0);
    expect(waitForWrite(spent(burst(50, NOW)), NOW, "progress")).toBe(MINUTE);
    const hour = Array.from({ length: 250 }, (_, i) => NOW + i * 2_000);
    expect(waitForWrite(spent(hour), NOW + 20 * MINUTE, "progress")).toBe(HOUR - 20 * MINUTE);
    expect(waitForWrite(spent(hour), NOW + 20 * MINUTE, "acknowledgement")).toBe(0);
  });

  it("keeps a little for telling people that they were heard, whatever is reported", () => {
    expect(waitForWrite(spent(burst(69, NOW)), NOW, "report")).toBe(0);
    expect(waitForWrite(spent(burst(70, NOW)), NOW, "report")).toBe(MINUTE);
    expect(waitForWrite(spent(burst(70, NOW)), NOW, "acknowledgement")).toBe(0);
    const hour = Array.from({ length: 475 }, (_, i) => NOW + i * 2_000);
    expect(waitForWrite(spent(hour), NOW + 20 * MINUTE, "report")).toBe(HOUR - 20 * MINUTE);
    expect(waitForWrite(spent(hour), NOW + 20 * MINUTE, "acknowledgement")).toBe(0);
  });

  it("rests while GitHub asked for it, the longest time winning", () => {
    const paused = pauseWrites(pauseWrites(UNSPENT, NOW + 5_000), NOW + 1_000);
    expect(waitForWrite(paused, NOW, "acknowledgement")).toBe(5_000);
    expect(waitForWrite(paused, NOW + 5_000, "acknowledgement")).toBe(0);
  });

  it("never exceeds either limit, whenever writes are wanted", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 1_000 }), (gaps) => {
        let budget = UNSPENT;
        let now = NOW;
        const writes: number[] = [];
        for (const gap of gaps) {
          now += gap;
          if (waitForWrite(budget, now, "acknowledgement") > 0) continue;
          budget = spendWrite(budget, now);
          writes.push(now);
        }
        return writes.every(
          (at) =>
            writes.filter((other) => other <= at && other > at - MINUTE).length <= 80 &&
            writes.filter((other) => other <= at && other > at - HOUR).length <= 500,
        );
      }),
      { numRuns: 30 },
    );
  });

  it("forgets what is older than an hour", () => {
    expect(spendWrite(spent(burst(80, NOW)), NOW + HOUR).writes).toEqual([NOW + HOUR]);
  });
});

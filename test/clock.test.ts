import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createSystemClock, type Clock } from "../src/clock.ts";
import { createSimulatedClock } from "./support/simulated-clock.ts";

/** Both clocks, and the way to let their time pass. */
const CLOCKS: readonly [string, () => { clock: Clock; pass: (ms: number) => void }][] = [
  ["system", () => ({ clock: createSystemClock(), pass: () => undefined })],
  [
    "simulated",
    () => {
      const clock = createSimulatedClock();
      return { clock, pass: (ms) => clock.advance(ms) };
    },
  ],
];

describe.each(CLOCKS)("the %s clock", (_, open) => {
  it("sleeps as long as it is told, and no less", async () => {
    const { clock, pass } = open();
    const begin = clock.now();
    const asleep = clock.sleep(30);
    pass(30);
    await asleep;
    // Timers count on another clock, and round.
    expect(clock.now() - begin).toBeGreaterThanOrEqual(28);
  });

  it("wakes with the signal's reason, and does not fall asleep under an aborted one", async () => {
    const { clock } = open();
    const controller = new AbortController();
    const asleep = clock.sleep(60_000, controller.signal);
    controller.abort(new Error("shutting down"));
    await expect(asleep).rejects.toThrow(/shutting down|aborted/);
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow("shutting down");
  });

  it("ends what takes too long with a TimeoutError", async () => {
    const { clock, pass } = open();
    const signal = clock.deadline(10);
    expect(signal.aborted).toBe(false);
    const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
    pass(10);
    await aborted;
    expect(signal.reason).toMatchObject({ name: "TimeoutError" });
  });
});

it("tells the time of the world", () => {
  expect(Math.abs(createSystemClock().now() - Date.now())).toBeLessThan(1_000);
});

it("keeps no process alive that has nothing left to do but sleep", async () => {
  const code =
    'import { createSystemClock } from "./src/clock.ts"; void createSystemClock().sleep(600_000);';
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: process.cwd(),
    timeout: 15_000,
  });
});

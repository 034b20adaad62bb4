import { expect, it } from "vitest";
import { keepHouse } from "../../src/lanes/housekeeping.ts";
import { createSimulatedClock } from "../support/simulated-clock.ts";

it("deletes old data at the start and once a day, also after a failure", async () => {
  const clock = createSimulatedClock(1_000 * 86_400_000);
  const closing = new AbortController();
  const calls: string[] = [];
  const logged: string[] = [];
  const write = (_: object, message: string): void => void logged.push(message);
  const done = keepHouse({
    inbox: {
      async forgetPayloads(before) {
        calls.push(`payloads before day ${before / 86_400_000}`);
        if (calls.length === 1) throw new Error("disk full");
        return 0;
      },
    },
    logs: {
      async prune(before) {
        calls.push(`logs before day ${before / 86_400_000}`);
        return 2;
      },
    },
    clock,
    log: { debug: write, info: write, warn: write, error: write },
    logDays: 90,
    signal: closing.signal,
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  expect(calls).toEqual(["payloads before day 993"]);
  clock.advance(86_400_000);
  await turn();
  expect(calls.slice(1)).toEqual(["payloads before day 994", "logs before day 911"]);
  expect(logged).toEqual(["deleting old data", "old data deleted"]);
  closing.abort();
  await done;
});

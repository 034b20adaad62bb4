import { expect, it } from "vitest";
import { retryDelay } from "../../src/checks/retry-schedule.ts";

it.each([
  [1, 0, 3_000],
  [2, 0, 6_000],
  [5, 0, 48_000],
  [7, 0, 192_000],
  [8, 0, 300_000],
  [5_000, 0, 300_000],
  [1, 45_000, 45_000],
  [9, 45_000, 300_000],
])("waits after failure %i, GitHub asking for %i ms: %i ms", (attempts, asked, expected) => {
  expect(retryDelay(attempts, asked)).toBe(expected);
});

import { expect, it } from "vitest";
import { createRandomIds } from "../src/ids.ts";

it("makes identifiers of which later ones sort after earlier ones, also when the clock stands or goes back", () => {
  const times = [1_767_614_400_000, 0, 0, 0, 1, 1, 2_000, -3_600_000, 0, 3_000];
  let now = 0;
  const ids = createRandomIds(() => now);
  const made = times.map((ms) => {
    now = (times[0] ?? 0) + (ms > 1e9 ? 0 : ms);
    return ids.next("dep");
  });
  expect(made).toEqual(made.toSorted());
  expect(new Set(made).size).toBe(times.length);
});

it("keeps to the form that other parts of Skep and GitHub take", () => {
  const ids = createRandomIds(() => 1_767_614_400_000);
  expect(ids.next("rel")).toMatch(/^rel_[0-9a-hjkmnp-tv-z]{24}$/);
  expect(createRandomIds(() => 0).next("int")).toMatch(/^int_0{10}/);
});

it("never gives two processes the same identifier", () => {
  const now = (): number => 1_767_614_400_000;
  const made = Array.from({ length: 1_000 }, () => createRandomIds(now).next("dep"));
  expect(new Set(made).size).toBe(1_000);
});

it("makes secrets of as many bytes as asked for", () => {
  const ids = createRandomIds(() => 0);
  expect(ids.secret(16)).toMatch(/^[0-9a-f]{32}$/);
  expect(ids.secret(16)).not.toBe(ids.secret(16));
});

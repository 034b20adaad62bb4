import { expect, test } from "vitest";
import { createBuildTurns } from "../../src/deployer/build-turns.ts";

function turn(key: string, signal = new AbortController().signal, onWait = () => {}) {
  return { key, signal, onWait };
}

test("work on one key is done one after the other, in order; other keys do not wait", async () => {
  const turns = createBuildTurns();
  const first = Promise.withResolvers<void>();
  const done: string[] = [];
  let waits = 0;
  const onWait = () => void (waits += 1);
  const all = [
    turns.take(turn("a"), () => first.promise.then(() => done.push("a1"))),
    turns.take(turn("a", undefined, onWait), async () => done.push("a2")),
    turns.take(turn("a", undefined, onWait), async () => done.push("a3")),
    turns.take(turn("b", undefined, onWait), async () => done.push("b1")),
  ];
  await all[3];
  expect(done).toEqual(["b1"]);
  first.resolve();
  await Promise.all(all);
  expect(done).toEqual(["b1", "a1", "a2", "a3"]);
  expect(waits).toBe(2);
});

test("who fails or gives up waiting does not hold up the next", async () => {
  const turns = createBuildTurns();
  const first = Promise.withResolvers<never>();
  const shutdown = new AbortController();
  const failing = turns.take(turn("a"), () => first.promise);
  const leaving = turns.take(turn("a", shutdown.signal), async () => "left");
  const last = turns.take(turn("a"), async () => "last");
  shutdown.abort(new Error("shutting down"));
  await expect(leaving).rejects.toThrow("shutting down");
  first.reject(new Error("build failed"));
  await expect(failing).rejects.toThrow("build failed");
  expect(await last).toBe("last");
  expect(await turns.take(turn("a"), async () => "again")).toBe("again");
});

import { expect, it } from "vitest";
import { createLaneQueue } from "../../src/checks/lane-queue.ts";

function task(events: string[], name: string) {
  const gate = Promise.withResolvers<void>();
  return {
    open: gate.resolve,
    run: async () => {
      events.push(`${name} begins`);
      await gate.promise;
      events.push(`${name} ends`);
    },
  };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

it("runs the tasks of a lane in turn, and those of other lanes beside them", async () => {
  const events: string[] = [];
  const [a1, a2, b1] = [task(events, "a1"), task(events, "a2"), task(events, "b1")];
  const queue = createLaneQueue(8);
  queue.push("a", a1.run);
  queue.push("a", a2.run);
  queue.push("b", b1.run);
  expect(events).toEqual(["a1 begins", "b1 begins"]);
  a1.open();
  await settle();
  expect(events).toEqual(["a1 begins", "b1 begins", "a1 ends", "a2 begins"]);
  a2.open();
  b1.open();
  await queue.idle();
  expect(events.slice(4)).toEqual(["a2 ends", "b1 ends"]);
});

it("runs no more than its limit at a time", async () => {
  const events: string[] = [];
  const tasks = ["a", "b", "c"].map((name) => task(events, name));
  const queue = createLaneQueue(2);
  tasks.forEach(({ run }, i) => queue.push(`lane ${i}`, run));
  expect(events).toEqual(["a begins", "b begins"]);
  tasks[1]?.open();
  await settle();
  expect(events).toEqual(["a begins", "b begins", "b ends", "c begins"]);
  tasks.forEach(({ open }) => open());
  await queue.idle();
});

it("is idle when nothing was pushed", async () => {
  await expect(createLaneQueue(1).idle()).resolves.toBeUndefined();
});

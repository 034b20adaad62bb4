import { expect, it } from "vitest";
import { findStuckTask } from "../../../src/deployer/rollout/stuck-slot.ts";
import { aTask } from "./rollout-builders.ts";

const waiting = aTask({ id: "waiting", state: "ready", desiredState: "ready", nodeId: "n1" });
const neverRan = aTask({
  id: "never-ran",
  state: "pending",
  desiredState: "shutdown",
  nodeId: null,
  isCurrent: false,
});
const ended = aTask({ id: "ended", state: "failed", desiredState: "shutdown", isCurrent: false });

it("finds a task that waits for one that no node ever took", () => {
  expect(findStuckTask([waiting, neverRan, ended])).toBe(waiting);
});

it.each([
  ["all others have ended", [waiting, ended]],
  ["another one still runs or stops", [waiting, neverRan, { ...ended, state: "running" }]],
  ["the other one is of another slot", [waiting, { ...neverRan, slot: 2 }]],
  ["the other one may still start", [waiting, { ...neverRan, desiredState: "running" }]],
  ["the other one is on a node", [waiting, { ...neverRan, nodeId: "n1" }]],
  ["it is not ready yet", [{ ...waiting, state: "preparing" }, neverRan]],
  ["it is on its way", [{ ...waiting, desiredState: "running" }, neverRan]],
  ["it is of an older version", [{ ...waiting, isCurrent: false }, neverRan]],
] as const)("leaves a task alone when %s", (_, tasks) => {
  expect(findStuckTask(tasks)).toBeNull();
});

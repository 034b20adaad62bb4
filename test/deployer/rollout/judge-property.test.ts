import fc from "fast-check";
import { expect, it } from "vitest";
import type { ServiceMode } from "../../../src/swarm-objects.ts";
import { follow, limits, update, type Moment } from "./follow.ts";
import { aService, aSpec, aTask } from "./rollout-builders.ts";

const modes: readonly ServiceMode[] = [
  { Replicated: { Replicas: 0 } },
  { Replicated: { Replicas: 2 } },
  { Global: {} },
  { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 2 } },
  { GlobalJob: {} },
];
const task = fc.record({
  id: fc.constantFrom("a", "b", "c", "d"),
  slot: fc.constantFrom(null, 1, 2),
  nodeId: fc.constantFrom(null, "n1", "n2"),
  state: fc.constantFrom(
    "new",
    "pending",
    "preparing",
    "starting",
    "running",
    "complete",
    "shutdown",
    "failed",
    "rejected",
    "orphaned",
    "remove",
  ),
  desiredState: fc.constantFrom("ready", "running", "complete", "shutdown", "remove"),
  isCurrent: fc.boolean(),
  stateSince: fc.integer({ min: 0, max: 2_000_000 }),
});
const moment = fc.record({
  step: fc.nat({ max: 60_000 }),
  tasks: fc.uniqueArray(task, { maxLength: 4, selector: ({ id }) => id }),
  update: fc.constantFrom(null, "updating", "completed", "paused", "rollback_completed"),
  down: fc.subarray(["n1", "n2"]),
});
const courses = fc.record({
  mode: fc.constantFrom(...modes),
  condition: fc.constantFrom(undefined, "any", "on-failure", "none"),
  isUnchanged: fc.boolean(),
  rollback: fc.boolean(),
  moments: fc.array(moment, { minLength: 1, maxLength: 10 }),
});

type Course = typeof courses extends fc.Arbitrary<infer T> ? T : never;

function play({ mode, condition, moments }: Course): readonly Moment[] {
  const policy = condition === undefined ? {} : { RestartPolicy: { Condition: condition } };
  const spec = aSpec({ mode, task: policy });
  let at = 0;
  return moments.map(({ step, tasks, update: state, down }) => {
    at += step;
    const service = aService({ spec, update: state === null ? null : update(state) });
    const nodes = new Map(["n1", "n2"].map((id) => [id, down.includes(id) ? "down" : "ready"]));
    return { at, service, tasks: tasks.map((change) => aTask(change)), nodes };
  });
}

const GOOD = ["running", "proved", "restored"];

it("never takes for running what holds no task that runs or has completed", () => {
  fc.assert(
    fc.property(courses, (course) => {
      const played = play(course);
      const isJob = "ReplicatedJob" in course.mode || "GlobalJob" in course.mode;
      const mayEnd = isJob || course.condition === "none";
      follow(played, course).forEach(({ kind }, index) => {
        if (!GOOD.includes(kind) || course.mode.Replicated?.Replicas === 0) return;
        const { tasks = [], nodes } = played[index] ?? {};
        const good = tasks.filter(({ isCurrent, state, nodeId }) => {
          const isUp = nodeId === null || nodes?.get(nodeId) === "ready";
          const runs = state === "running" && isUp && !isJob;
          return isCurrent && (runs || (mayEnd && state === "complete"));
        });
        const least = course.mode.Global || course.mode.GlobalJob ? 1 : 2;
        expect(good.length).toBeGreaterThanOrEqual(least);
      });
    }),
    { numRuns: 1_000 },
  );
});

it("always ends: after the deadline nothing still comes up", () => {
  fc.assert(
    fc.property(courses, moment, (course, end) => {
      const late = { ...end, step: limits.rolloutMs + 1 };
      const verdict = follow(play({ ...course, moments: [...course.moments, late] }), course).at(
        -1,
      );
      expect(verdict?.kind).not.toBe("progressing");
      if (verdict?.kind !== "restoring") return;
      // All tasks run, and Swarm's own update goes on: it has a deadline of its own.
      expect(verdict.text).toMatch(/running|completed/);
    }),
    { numRuns: 500 },
  );
});

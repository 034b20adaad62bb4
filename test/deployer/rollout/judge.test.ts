import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveService, LiveTask } from "../../../src/deployer/ports.ts";
import { follow as followAll, limits, START, update, type Moment } from "./follow.ts";
import { aService, aSpec, aTask } from "./rollout-builders.ts";

const replicas = (count: number) => ({ Replicated: { Replicas: count } });
type Look = Omit<Moment, "service"> & { readonly service?: LiveService | null };

function follow(moments: readonly Look[], change: Parameters<typeof followAll>[1] = {}) {
  return followAll(
    moments.map((moment) => ({ service: two, ...moment })),
    change,
  );
}

function last(...args: Parameters<typeof follow>) {
  return follow(...args).at(-1);
}

const two = aService({ spec: aSpec({ mode: replicas(2) }) });
const updating = { ...two, update: update("updating") };
const completed = { ...two, update: update("completed") };
const previousSpec = aSpec({ mode: replicas(2), deploymentId: "dep_old" });
const rollingBack = aService({ spec: previousSpec, update: update("rollback_started") });
const rolledBack = aService({ spec: previousSpec, update: update("rollback_completed") });

const one1 = aTask({ id: "t1", slot: 1 });
const one2 = aTask({ id: "t2", slot: 2 });
const both = [one1, one2];

function pending(
  id: string,
  error = "no suitable node (insufficient resources on 1 node)",
): LiveTask {
  return aTask({ id, slot: 2, state: "pending", error, nodeId: null });
}

function failed(id: string, change: Partial<LiveTask> = {}): LiveTask {
  return aTask({
    id,
    slot: 2,
    state: "failed",
    desiredState: "shutdown",
    error: "task: non-zero exit (1)",
    exitCode: 1,
    ...change,
  });
}

describe("judge, while the tasks come up", () => {
  it("counts the running tasks of the requested spec", () => {
    expect(last([{ at: 0, tasks: [] }])).toEqual({
      kind: "progressing",
      text: "0 of 2 tasks running",
    });
    expect(last([{ at: 0, tasks: [one1] }])).toMatchObject({ text: "1 of 2 tasks running" });
  });

  it("does not count tasks of the previous spec, tasks told to stop, or two tasks of one slot", () => {
    const tasks = [
      one1,
      aTask({ id: "x", slot: 1 }),
      aTask({ id: "old", slot: 2, isCurrent: false }),
      aTask({ id: "stopping", slot: 2, desiredState: "shutdown" }),
    ];
    expect(last([{ at: 0, tasks }])).toMatchObject({
      kind: "progressing",
      text: "1 of 2 tasks running",
    });
  });

  it("says why a task waits", () => {
    expect(last([{ at: 0, tasks: [one1, pending("p")] }])).toMatchObject({
      text: "1 of 2 tasks running: no suitable node (insufficient resources on 1 node)",
    });
  });

  it("says that a task failed and is tried again", () => {
    const tasks = [one1, failed("f"), aTask({ id: "n", slot: 2, state: "starting" })];
    expect(last([{ at: 1000, tasks }])).toEqual({
      kind: "progressing",
      text: "1 of 2 tasks running, 1 failed: task: non-zero exit (1)",
    });
  });

  it("wants one task when the spec names no number", () => {
    const spec = { ...aSpec(), Mode: { Replicated: {} } };
    expect(last([{ at: 0, service: aService({ spec }), tasks: [one1] }])).toMatchObject({
      kind: "running",
    });
  });
});

describe("judge, once all tasks run", () => {
  it("remembers since when, and calls it proved after the window", () => {
    const verdicts = follow([
      { at: 1000, tasks: both },
      { at: 5999, tasks: both },
      { at: 6000, tasks: both },
    ]);
    const since = START + 1000;
    const text = "2 of 2 tasks running";
    expect(verdicts).toEqual([
      { kind: "running", since, text },
      { kind: "running", since, text },
      { kind: "proved", since, text },
    ]);
  });

  it("is not proof while Swarm's update is not over", () => {
    const moments = [
      { at: 0, service: updating, tasks: both },
      { at: 60_000, service: updating, tasks: both },
      { at: 61_000, service: completed, tasks: both },
    ];
    expect(follow(moments).map(({ kind }) => kind)).toEqual(["running", "running", "proved"]);
  });

  it("starts the window again when a task was replaced between two looks", () => {
    const moments = [
      { at: 0, tasks: both },
      { at: 4000, tasks: [one1, aTask({ id: "t3", slot: 2 })] },
      { at: 6000, tasks: [one1, aTask({ id: "t3", slot: 2 })] },
      { at: 9000, tasks: [one1, aTask({ id: "t3", slot: 2 })] },
    ];
    expect(follow(moments).map(({ kind }) => kind)).toEqual([
      "running",
      "running",
      "running",
      "proved",
    ]);
  });

  it("goes back to progressing when a task goes away", () => {
    const moments = [
      { at: 0, tasks: both },
      { at: 1000, tasks: [one1] },
    ];
    expect(last(moments)).toMatchObject({ kind: "progressing" });
  });

  it("proves a service without replicas once none of its tasks runs", () => {
    const service = aService({ spec: aSpec({ mode: replicas(0) }) });
    const moments = [
      { at: 0, service, tasks: [one1] },
      { at: 1000, service, tasks: [] },
      { at: 6000, service, tasks: [] },
    ];
    expect(follow(moments).map(({ kind }) => kind)).toEqual(["progressing", "running", "proved"]);
  });

  it("proves a spec that runs since long ago, whatever Swarm did before", () => {
    const service = { ...two, update: update("rollback_completed") };
    const moments = [
      { at: 0, service, tasks: both },
      { at: 5000, service, tasks: both },
    ];
    expect(last(moments)).toMatchObject({ kind: "proved" });
  });

  it("fails when Swarm never finishes its update", () => {
    const moments = [
      { at: 0, service: updating, tasks: both },
      { at: 305_001, service: updating, tasks: both },
    ];
    expect(last(moments)).toMatchObject({ kind: "failed", code: "rollout_timeout" });
  });

  it("does not fail a service that runs because nobody watched for long", () => {
    expect(last([{ at: 10_000_000, tasks: both }])).toMatchObject({ kind: "running" });
  });
});

describe("judge, when Swarm gives up", () => {
  it("never takes a rollback for a success, though all tasks run", () => {
    const moments = [
      { at: 0, service: updating, tasks: [one1, failed("f"), pending("p")] },
      { at: 1000, service: rolledBack, tasks: both },
      { at: 100_000, service: rolledBack, tasks: both },
    ];
    expect(follow(moments).map(({ kind }) => kind)).toEqual(["progressing", "failed", "failed"]);
  });

  it.each([
    ["rollback_started", "swarm_rolling_back"],
    ["rollback_completed", "swarm_rolled_back"],
    ["rollback_paused", "paused"],
  ])("says what Swarm does in %s: %s", (state, swarm) => {
    const service = aService({ spec: previousSpec, update: update(state) });
    expect(last([{ at: 0, service, tasks: [] }])).toMatchObject({ kind: "failed", swarm });
  });

  it("shows the task that failed, seen before the rollback or after it", () => {
    const before = [
      { at: 0, service: updating, tasks: [failed("f1")] },
      { at: 1000, service: rollingBack, tasks: [] },
    ];
    expect(last(before)).toMatchObject({ code: "task_exited", task: { id: "f1" } });
    const after = [
      { at: 1000, service: rollingBack, tasks: [failed("f2", { isCurrent: false }), one1] },
    ];
    expect(last(after)).toMatchObject({
      text: "Swarm gave the new version up: task: non-zero exit (1)",
      task: { id: "f2" },
    });
  });

  it("does not blame a task of long before", () => {
    const old = failed("old", { isCurrent: false, createdAt: START - 60_000 });
    const verdict = last([{ at: 1000, service: rollingBack, tasks: [old] }]);
    expect(verdict).toMatchObject({ kind: "failed", task: null });
  });

  it("fails when Swarm pauses, with its words", () => {
    const service = { ...two, update: update("paused", "update paused due to failure") };
    expect(last([{ at: 0, service, tasks: [one1] }])).toEqual({
      kind: "failed",
      code: "rollout_timeout",
      text: "Swarm paused the update: update paused due to failure",
      task: null,
      swarm: "paused",
    });
  });

  it("fails when somebody else changed or removed the service", () => {
    const foreign = aService({ spec: previousSpec, update: update("updating") });
    expect(last([{ at: 0, service: foreign, tasks: both }])).toMatchObject({
      kind: "failed",
      code: "swarm_conflict",
      swarm: "nothing",
    });
    expect(last([{ at: 0, service: null, tasks: [] }])).toMatchObject({ code: "swarm_conflict" });
  });
});

describe("judge, when tasks do not come up", () => {
  it("gives a task 30 s to find a node, by our own clock", () => {
    const tasks = [one1, pending("p")];
    const moments = [5000, 35_000, 35_001].map((at) => ({ at, tasks }));
    const verdicts = follow(moments);
    expect(verdicts.map(({ kind }) => kind)).toEqual(["progressing", "progressing", "failed"]);
    expect(verdicts.at(-1)).toEqual({
      kind: "failed",
      code: "no_suitable_node",
      text: "no node takes a task: no suitable node (insufficient resources on 1 node)",
      task: pending("p"),
      swarm: "nothing",
    });
  });

  it("gives a task its time to start, each state from where it began", () => {
    const starting = aTask({ id: "p", slot: 2, state: "preparing" });
    const moments = [
      { at: 0, tasks: [one1, pending("p")] },
      { at: 29_000, tasks: [one1, starting] },
      { at: 89_000, tasks: [one1, starting] },
      { at: 89_001, tasks: [one1, starting] },
    ];
    const verdicts = follow(moments);
    expect(verdicts[2]?.kind).toBe("progressing");
    expect(verdicts[3]).toMatchObject({ code: "rollout_timeout", task: { id: "p" } });
  });

  it("leaves a task alone that Swarm does not want to run yet", () => {
    const later = aTask({ id: "p", slot: 2, state: "ready", desiredState: "ready" });
    const moments = [0, 200_000].map((at) => ({ at, tasks: [one1, later] }));
    expect(last(moments)).toMatchObject({ kind: "progressing" });
  });

  it("ends the whole within its deadline, whatever happens", () => {
    const moments = [0, 300_000, 300_001].map((at) => ({ at, service: updating, tasks: [one1] }));
    const verdicts = follow(moments);
    expect(verdicts.map(({ kind }) => kind)).toEqual(["progressing", "progressing", "failed"]);
    expect(verdicts[2]).toMatchObject({ code: "rollout_timeout", swarm: "nothing" });
  });
});

describe("judge, when tasks crash", () => {
  const retry = aTask({ id: "retry", slot: 2, state: "ready", desiredState: "ready" });

  it("calls three failures of one slot a crash loop, also on create", () => {
    const moments = [
      { at: 0, tasks: [one1, failed("f1"), retry] },
      { at: 5000, tasks: [one1, failed("f1"), failed("f2"), retry] },
      { at: 10_000, tasks: [one1, failed("f2"), failed("f3"), retry] },
    ];
    const verdicts = follow(moments);
    expect(verdicts.map(({ kind }) => kind)).toEqual(["progressing", "progressing", "failed"]);
    expect(verdicts[2]).toEqual({
      kind: "failed",
      code: "task_exited",
      text: "a task ended 3 times: task: non-zero exit (1)",
      task: failed("f3"),
      swarm: "nothing",
    });
  });

  it("does not add up the failures of different slots", () => {
    const tasks = [1, 2, 3, 4].flatMap((slot) => [
      failed(`f${slot}`, { slot }),
      aTask({ id: `n${slot}`, slot, state: "starting" }),
    ]);
    expect(last([{ at: 0, tasks }])).toMatchObject({ kind: "progressing" });
  });

  it("counts crashes in the window too", () => {
    const crashes = (...ids: string[]): LiveTask[] => [...both, ...ids.map((id) => failed(id))];
    const moments = [
      { at: 0, tasks: crashes() },
      { at: 1000, tasks: crashes("a", "b") },
      { at: 2000, tasks: crashes("a", "b", "c") },
    ];
    expect(follow(moments).map(({ kind }) => kind)).toEqual(["running", "running", "failed"]);
  });

  it("counts an end without an error, and a refusal by the node", () => {
    const tasks = [
      failed("a", { state: "complete", exitCode: 0, error: "" }),
      failed("b", { state: "rejected", error: "No such image: x" }),
      failed("c", { state: "rejected", error: "No such image: x" }),
      retry,
    ];
    expect(last([{ at: 0, tasks }])).toMatchObject({ kind: "failed", code: "task_rejected" });
  });

  it("ignores failures of before", () => {
    const old = ["a", "b", "c"].map((id) => failed(id, { createdAt: START - 60_000 }));
    expect(last([{ at: 0, tasks: [...both, ...old] }])).toMatchObject({ kind: "running" });
  });

  it("fails at once when the restart policy does not start the task again", () => {
    const tasks = [one1, failed("f", { state: "complete", exitCode: 0, error: "" })];
    expect(last([{ at: 0, tasks }])).toMatchObject({
      kind: "failed",
      code: "task_exited",
      text: "a task ended once",
    });
  });

  it("waits for Swarm's next move while it has not told the failed task to shut down", () => {
    const tasks = [one1, failed("f", { desiredState: "running" })];
    expect(last([{ at: 0, tasks }])).toMatchObject({ kind: "progressing" });
  });
});

describe("judgeRollback", () => {
  const back = { rollback: true, deploymentId: "dep_old" } as const;

  it("waits until the previous spec is there, runs everywhere and Swarm is done", () => {
    const verdicts = follow(
      [
        { at: 0, service: updating, tasks: both },
        { at: 1000, service: rollingBack, tasks: [one1] },
        { at: 2000, service: rollingBack, tasks: both },
        { at: 7000, service: rolledBack, tasks: both },
      ],
      back,
    );
    expect(verdicts).toEqual([
      { kind: "restoring", text: "the previous version is not back yet" },
      { kind: "restoring", text: "1 of 2 tasks running" },
      { kind: "restoring", text: "2 of 2 tasks running" },
      { kind: "restored", since: START + 2000, text: "2 of 2 tasks running" },
    ]);
  });

  it("recognises a previous spec without Skep's label", () => {
    const spec = { ...previousSpec, Labels: {} };
    const verdict = last([{ at: 0, service: aService({ spec }), tasks: both }], {
      ...back,
      deploymentId: null,
    });
    expect(verdict).toMatchObject({ kind: "restored" });
  });

  it.each<[string, Look, string]>([
    ["the service is gone", { at: 0, service: null, tasks: [] }, "swarm_conflict"],
    ["it never comes back", { at: 300_001, service: updating, tasks: both }, "rollout_timeout"],
    [
      "tasks are missing for too long",
      { at: 300_001, service: rollingBack, tasks: [] },
      "rollout_timeout",
    ],
    [
      "Swarm pauses the rollback",
      {
        at: 0,
        service: aService({ spec: previousSpec, update: update("rollback_paused") }),
        tasks: [],
      },
      "rollout_timeout",
    ],
    [
      "the previous version crashes as well",
      {
        at: 0,
        service: rolledBack,
        tasks: [
          failed("a"),
          failed("b"),
          failed("c"),
          aTask({ id: "n", slot: 2, state: "starting" }),
        ],
      },
      "task_exited",
    ],
  ])("fails when %s", (_, moment, code) => {
    expect(last([moment], back)).toMatchObject({ kind: "failed", code });
  });
});

describe("judge, for any course of events", () => {
  const state = fc.constantFrom(
    "new",
    "pending",
    "assigned",
    "preparing",
    "ready",
    "starting",
    "running",
    "complete",
    "shutdown",
    "failed",
    "rejected",
    "orphaned",
  );
  const task = fc.record({
    id: fc.constantFrom("a", "b", "c", "d"),
    slot: fc.constantFrom(1, 2),
    state,
    desiredState: fc.constantFrom("ready", "running", "shutdown"),
    isCurrent: fc.boolean(),
  });
  const moment = fc.record({
    step: fc.nat({ max: 60_000 }),
    tasks: fc.array(task, { maxLength: 5 }),
    label: fc.constantFrom("dep_new", "dep_new", "dep_new", "dep_old"),
    update: fc.option(
      fc.constantFrom("updating", "completed", "paused", "rollback_started", "rollback_completed"),
    ),
  });

  type Course = typeof moments extends fc.Arbitrary<infer T> ? T : never;

  function play(course: Course) {
    let at = 0;
    const spec = (label: string) => aSpec({ mode: replicas(2), deploymentId: label });
    return course.map(({ step, tasks, label, update: word }) => {
      at += step;
      const service = aService({ spec: spec(label), update: word === null ? null : update(word) });
      return { at, service, tasks: tasks.map((change) => aTask(change)) };
    });
  }
  const moments = fc.array(moment, { minLength: 1, maxLength: 12 });

  it("calls proved only what ran on both slots, in the requested spec, for the whole window", () => {
    fc.assert(
      fc.property(moments, (course) => {
        const played = play(course);
        follow(played).forEach((verdict, index) => {
          if (verdict.kind !== "proved") return;
          const seen = played.filter(
            ({ at }, position) => position <= index && START + at >= verdict.since,
          );
          const { at } = played[index] ?? { at: 0 };
          expect(START + at - verdict.since).toBeGreaterThanOrEqual(limits.windowMs);
          for (const { service, tasks } of seen) {
            expect(service.spec.Labels["skep.deployment"]).toBe("dep_new");
            const slots = tasks
              .filter((one) => one.isCurrent && one.state === "running")
              .map(({ slot }) => slot);
            expect(new Set(slots).size).toBe(2);
          }
        });
      }),
      { numRuns: 500 },
    );
  });

  it("always ends: after the deadline nothing is still progressing", () => {
    fc.assert(
      fc.property(moments, moment, (course, end) => {
        const played = play([...course, { ...end, step: limits.rolloutMs + 1 }]);
        expect(last(played)?.kind).not.toBe("progressing");
      }),
    );
  });
});

import { describe, expect, it } from "vitest";
import type { LiveTask } from "../../../src/deployer/ports.ts";
import { follow, START, update, type Moment } from "./follow.ts";
import { aService, aSpec, aTask } from "./rollout-builders.ts";

const unchanged = { isUnchanged: true } as const;
const service = aService({ spec: aSpec({ mode: { Replicated: { Replicas: 2 } } }) });
const since = (ago: number) => ({ stateSince: START - ago, createdAt: START - ago });
const both = (ago: number): LiveTask[] => [
  aTask({ id: "t1", ...since(1_000_000) }),
  aTask({ id: "t2", slot: 2, ...since(ago) }),
];

function failed(id: string, ago: number): LiveTask {
  const error = "task: non-zero exit (1)";
  return aTask({ id, slot: 2, state: "failed", desiredState: "shutdown", error, ...since(ago) });
}

function last(moments: readonly Moment[]) {
  return follow(moments, unchanged).at(-1);
}

describe("judge, of a service that the deployment did not touch", () => {
  it("is proved at once when all its tasks run for longer than the window, by the engine's word", () => {
    // The window, and 5 s for clocks that differ.
    expect(last([{ at: 0, service, tasks: both(10_000) }])).toEqual({
      kind: "proved",
      since: START - 10_000,
      text: "2 of 2 tasks running",
    });
    expect(last([{ at: 0, service, tasks: both(9_999) }])).toMatchObject({ kind: "running" });
  });

  it("is not proved at once without the flag", () => {
    expect(follow([{ at: 0, service, tasks: both(10_000) }])[0]).toMatchObject({
      kind: "running",
    });
  });

  it("waits for one whose task was just started again", () => {
    const moments = [0, 4_999, 5_000].map((at) => ({ at, service, tasks: both(1_000) }));
    expect(follow(moments, unchanged).map(({ kind }) => kind)).toEqual([
      "running",
      "running",
      "proved",
    ]);
  });

  it("is proved though an update of long ago is paused, but not while one goes on", () => {
    const of = (state: string) => ({ ...service, update: update(state) });
    const tasks = both(10_000);
    expect(last([{ at: 0, service: of("paused"), tasks }])).toMatchObject({ kind: "proved" });
    expect(last([{ at: 0, service: of("updating"), tasks }])).toMatchObject({ kind: "running" });
    const young = both(1_000);
    expect(last([{ at: 0, service: of("paused"), tasks: young }])).toMatchObject({
      kind: "running",
    });
  });

  it("is proved at once without replicas, and when a job or a one-shot service has completed", () => {
    const none = aService({ spec: aSpec({ mode: { Replicated: { Replicas: 0 } } }) });
    expect(last([{ at: 0, service: none, tasks: [] }])).toMatchObject({ kind: "proved" });
    const job = aService({ spec: aSpec({ mode: { ReplicatedJob: {} } }) });
    const tasks = [aTask({ slot: null, state: "complete", desiredState: "complete", ...since(9) })];
    expect(last([{ at: 0, service: job, tasks }])).toMatchObject({
      kind: "proved",
      since: START - 9,
    });
  });

  it("fails at once in a crash loop, and says that it was not changed", () => {
    const retry = aTask({ id: "n", slot: 2, state: "ready", desiredState: "ready" });
    const [one] = both(0);
    const tasks = [
      ...(one ? [one] : []),
      ...[60_000, 40_000, 20_000].map((ago) => failed(`f${ago}`, ago)),
      retry,
    ];
    expect(last([{ at: 0, service, tasks }])).toEqual({
      kind: "failed",
      code: "task_exited",
      text: "a task ended 3 times: task: non-zero exit (1); this deployment did not change the service",
      task: failed("f20000", 20_000),
      swarm: "nothing",
    });
    expect(follow([{ at: 0, service, tasks }], {})[0]).toMatchObject({ kind: "progressing" });
  });

  it("does not hold a crash loop of long ago, or one that ended, against it", () => {
    const old = [900_000, 880_000, 860_000].map((ago) => failed(`f${ago}`, ago));
    const starting = aTask({ id: "n", slot: 2, state: "starting", ...since(0) });
    const [one] = both(0);
    const tasks = [...(one ? [one] : []), ...old, starting];
    expect(last([{ at: 0, service, tasks }])).toMatchObject({ kind: "progressing" });
    const recent = [60_000, 40_000, 30_000].map((ago) => failed(`f${ago}`, ago));
    expect(last([{ at: 0, service, tasks: [...both(20_000), ...recent] }])).toMatchObject({
      kind: "proved",
    });
  });

  it("waits for one that runs again after a crash loop, and fails when that ends too", () => {
    const recent = [60_000, 40_000, 20_000].map((ago) => failed(`f${ago}`, ago));
    const young = both(1_000);
    const [one] = young;
    const tasks = [...young, ...recent];
    const again = [...(one ? [one] : []), failed("t2", 0), ...recent];
    const moments = [
      { at: 0, service, tasks },
      { at: 2_000, service, tasks: again },
    ];
    expect(follow(moments, unchanged).map(({ kind }) => kind)).toEqual(["running", "failed"]);
  });

  it("fails for a task that Swarm gave up long ago", () => {
    const [one] = both(0);
    const tasks = [...(one ? [one] : []), failed("f", 900_000)];
    expect(last([{ at: 0, service, tasks }])).toMatchObject({
      kind: "failed",
      text: "a task ended once: task: non-zero exit (1); this deployment did not change the service",
    });
  });

  it("fails for a task that finds no node, and says that it was not changed", () => {
    const pending = aTask({ id: "p", slot: 2, state: "pending", nodeId: null, error: "no" });
    const [one] = both(0);
    const moments = [0, 30_001].map((at) => ({
      at,
      service,
      tasks: [...(one ? [one] : []), pending],
    }));
    expect(last(moments)).toMatchObject({
      code: "no_suitable_node",
      text: "no node takes a task: no; this deployment did not change the service",
    });
  });
});

import { describe, expect, it } from "vitest";
import type { LiveTask } from "../../../src/deployer/ports.ts";
import type { ServiceMode } from "../../../src/swarm-objects.ts";
import { follow, START, update, type Moment } from "./follow.ts";
import { aService, aSpec, aTask, type SpecChange } from "./rollout-builders.ts";

function serviceOf(mode: ServiceMode, task: SpecChange["task"] = {}) {
  return aService({ spec: aSpec({ mode, task }) });
}

function kinds(moments: readonly Moment[], change: Parameters<typeof follow>[1] = {}) {
  return follow(moments, change).map(({ kind }) => kind);
}

function last(moments: readonly Moment[], change: Parameters<typeof follow>[1] = {}) {
  return follow(moments, change).at(-1);
}

/** The task of a global service on a node. */
function on(nodeId: string, change: Partial<LiveTask> = {}): LiveTask {
  return aTask({ id: `on-${nodeId}`, slot: null, nodeId, ...change });
}

const exited = { state: "failed", desiredState: "shutdown", error: "task: non-zero exit (3)" };
const done = { state: "complete", desiredState: "shutdown", message: "finished", exitCode: 0 };
const jobDone = { ...done, desiredState: "complete" };

describe("judge, of a global service", () => {
  const service = serviceOf({ Global: {} });

  it("wants a task on every node that shall carry one", () => {
    const starting = on("n3", { state: "preparing" });
    const moments = [
      { at: 0, service, tasks: [on("n1"), on("n2"), starting] },
      { at: 1000, service, tasks: [on("n1"), on("n2"), on("n3")] },
      { at: 6000, service, tasks: [on("n1"), on("n2"), on("n3")] },
    ];
    expect(kinds(moments)).toEqual(["progressing", "running", "proved"]);
    expect(follow(moments)[0]).toMatchObject({ text: "2 of 3 tasks running" });
  });

  it("counts a node whose old task stops while its new one is ready", () => {
    const tasks = [
      on("n1"),
      on("n2", { id: "old", isCurrent: false, desiredState: "shutdown" }),
      on("n2", { state: "ready", desiredState: "ready" }),
    ];
    expect(last([{ at: 0, service, tasks }])).toMatchObject({ text: "1 of 2 tasks running" });
  });

  it("counts a node that still runs the previous spec, until Swarm calls its update completed", () => {
    const tasks = [on("n1"), on("paused", { isCurrent: false })];
    const updating = { ...service, update: update("updating") };
    const completed = { ...service, update: update("completed") };
    const moments = [
      { at: 0, service: updating, tasks },
      { at: 1000, service: completed, tasks },
      { at: 6000, service: completed, tasks },
    ];
    expect(kinds(moments)).toEqual(["progressing", "running", "proved"]);
  });

  it("names that no node is eligible, once it may not wait longer", () => {
    const asked = serviceOf({ Global: {} }, { Placement: { Constraints: ["node.labels.gpu==1"] } });
    const moments = [0, 30_000, 30_001].map((at) => ({ at, service: asked, tasks: [] }));
    expect(follow(moments)).toEqual([
      { kind: "progressing", text: "no node takes it yet" },
      { kind: "progressing", text: "no node takes it yet" },
      {
        kind: "failed",
        code: "no_suitable_node",
        text: "the service is global, and no node meets its placement constraints (node.labels.gpu==1)",
        task: null,
        swarm: "nothing",
      },
    ]);
    expect(last([{ at: 30_001, service, tasks: [] }])).toMatchObject({
      text: "the service is global, and no node is up",
    });
  });

  it("fails when one node's task is not started again, though all others run", () => {
    const tasks = [on("n1"), on("n2", exited)];
    expect(last([{ at: 0, service, tasks }])).toMatchObject({
      kind: "failed",
      code: "task_exited",
      task: { nodeId: "n2" },
    });
  });

  // Seen on engine 20.10: the task has its node already, and the words lack "no suitable node".
  it("fails when a node has too little left for its task", () => {
    const waiting = on("n2", { state: "pending", error: "insufficient resources on 1 node" });
    const moments = [0, 30_001].map((at) => ({ at, service, tasks: [on("n1"), waiting] }));
    expect(last(moments)).toMatchObject({ code: "no_suitable_node", task: { nodeId: "n2" } });
  });
});

describe("judge, of a service without replicas", () => {
  it("waits until the last task has stopped", () => {
    const service = serviceOf({ Replicated: { Replicas: 0 } });
    const stopping = aTask({ desiredState: "remove", isCurrent: false });
    const moments = [
      { at: 0, service, tasks: [stopping] },
      { at: 1000, service, tasks: [{ ...stopping, state: "shutdown" }] },
      { at: 6000, service, tasks: [] },
    ];
    expect(follow(moments)).toEqual([
      { kind: "progressing", text: "0 tasks wanted, 1 still stopping" },
      { kind: "running", since: START + 1000, text: "0 of 0 tasks running" },
      { kind: "proved", since: START + 1000, text: "0 of 0 tasks running" },
    ]);
  });
});

describe("judge, of a job", () => {
  const service = serviceOf({ ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 2 } });
  // Engine 20.10 leaves out the slot of the first task, which is 0.
  const first = aTask({ id: "j0", slot: null, desiredState: "complete" });
  const second = aTask({ id: "j1", slot: 1, desiredState: "complete" });

  it("is proved at once when all of its tasks have completed", () => {
    const moments = [
      { at: 0, service, tasks: [first] },
      { at: 1000, service, tasks: [{ ...first, ...jobDone }, second] },
      {
        at: 2000,
        service,
        tasks: [
          { ...first, ...jobDone },
          { ...second, ...jobDone },
        ],
      },
    ];
    expect(follow(moments)).toEqual([
      { kind: "progressing", text: "0 of 2 tasks completed" },
      { kind: "progressing", text: "1 of 2 tasks completed" },
      { kind: "proved", since: START + 2000, text: "2 of 2 tasks completed" },
    ]);
  });

  it("does not count what an older iteration has completed", () => {
    const old = { ...jobDone, isCurrent: false };
    const tasks = [
      { ...first, ...old },
      { ...second, ...old },
    ];
    expect(last([{ at: 0, service, tasks }])).toMatchObject({ text: "0 of 2 tasks completed" });
  });

  it("may fail as often as its restart policy says, and no more", () => {
    const failed = (id: string) => ({ ...first, ...exited, id, nodeId: `node-of-${id}` });
    const retry = { ...first, id: "again", state: "ready", desiredState: "ready", nodeId: null };
    const four = ["a", "b", "c", "d"].map(failed);
    const moments = [
      { at: 0, service, tasks: [...four, retry] },
      { at: 5000, service, tasks: [...four, failed("again")] },
    ];
    expect(kinds(moments)).toEqual(["progressing", "failed"]);
    expect(last(moments)).toMatchObject({
      code: "task_exited",
      text: "a task ended 5 times: task: non-zero exit (3)",
    });
  });

  // Seen on engine 20.10, of global jobs only.
  it("has failed after its last try though Swarm starts it again", () => {
    const policy = { RestartPolicy: { Condition: "on-failure", MaxAttempts: 1 } };
    const global = serviceOf({ GlobalJob: {} }, policy);
    const retry = on("n1", { id: "c", state: "ready", desiredState: "complete" });
    const a = on("n1", { ...exited, id: "a" });
    const b = on("n1", { ...exited, id: "b" });
    const moments = [
      { at: 0, service: global, tasks: [a, retry] },
      { at: 1000, service: global, tasks: [a, b, retry] },
    ];
    expect(kinds(moments)).toEqual(["progressing", "failed"]);
  });

  it("is a success when it completes after a failure", () => {
    const tasks = [
      { ...first, ...exited, id: "a" },
      { ...first, ...jobDone },
      { ...second, ...jobDone },
    ];
    expect(last([{ at: 0, service, tasks }])).toMatchObject({ kind: "proved" });
  });

  it("has its deadline, by which it is named", () => {
    const moments = [0, 300_000, 300_001].map((at) => ({ at, service, tasks: [first] }));
    expect(kinds(moments)).toEqual(["progressing", "progressing", "failed"]);
    expect(last(moments)).toMatchObject({
      code: "rollout_timeout",
      text: "the job has not completed in time",
    });
  });

  it("waits for a node as other services do", () => {
    const error = "no suitable node (scheduling constraints not satisfied on 1 node)";
    const waiting = { ...first, state: "pending", nodeId: null, error };
    const moments = [0, 30_001].map((at) => ({ at, service, tasks: [waiting] }));
    expect(last(moments)).toMatchObject({ code: "no_suitable_node" });
  });

  it("runs on every node when it is global", () => {
    const global = serviceOf({ GlobalJob: {} });
    const running = { desiredState: "complete" };
    const moments = [
      { at: 0, service: global, tasks: [on("n1", jobDone), on("n2", running)] },
      { at: 1000, service: global, tasks: [on("n1", jobDone), on("n2", jobDone)] },
    ];
    expect(kinds(moments)).toEqual(["progressing", "proved"]);
    expect(last([{ at: 30_001, service: global, tasks: [] }])).toMatchObject({
      code: "no_suitable_node",
    });
  });
});

describe("judge, of a service whose tasks may end", () => {
  const once = serviceOf({ Replicated: { Replicas: 2 } }, { RestartPolicy: { Condition: "none" } });
  const one = aTask({ id: "t1", slot: 1 });
  const two = aTask({ id: "t2", slot: 2 });

  it("takes exit code 0 for completed with condition none", () => {
    const service = serviceOf({ Replicated: {} }, { RestartPolicy: { Condition: "none" } });
    expect(last([{ at: 0, service, tasks: [{ ...one, ...done }] }])).toEqual({
      kind: "proved",
      since: START,
      text: "1 of 1 tasks completed",
    });
  });

  const never = serviceOf({ Replicated: {} }, { RestartPolicy: { Condition: "none" } });
  const check = { Healthcheck: { Test: ["CMD", "true"] } };
  const { ContainerSpec } = never.spec.TaskTemplate;

  it.each([
    ["without a policy", serviceOf({ Replicated: {} })],
    ["with any", serviceOf({ Replicated: {} }, { RestartPolicy: { Condition: "any" } })],
    ["on failure", serviceOf({ Replicated: {} }, { RestartPolicy: { Condition: "on-failure" } })],
    [
      "where a port is published",
      {
        ...never,
        spec: { ...never.spec, EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 80 }] } },
      },
    ],
    [
      "where a health check tells whether it serves",
      serviceOf(
        { Replicated: {} },
        {
          RestartPolicy: { Condition: "none" },
          ContainerSpec: { ...ContainerSpec, ...check },
        },
      ),
    ],
  ])("takes it for a failure %s", (_, service) => {
    expect(last([{ at: 0, service, tasks: [{ ...one, ...done }] }])).toMatchObject({
      kind: "failed",
      code: "task_exited",
    });
  });

  it("proves by the window while some of its tasks still run", () => {
    const tasks = [one, { ...two, ...done }];
    const moments = [0, 4_999, 5_000].map((at) => ({ at, service: once, tasks }));
    expect(kinds(moments)).toEqual(["running", "running", "proved"]);
    expect(last(moments)).toMatchObject({ text: "1 of 2 tasks running, 1 completed" });
  });

  it("fails for a task that ended with an error and is not started again", () => {
    const tasks = [
      { ...one, ...exited },
      { ...two, ...done },
    ];
    expect(last([{ at: 0, service: once, tasks }])).toMatchObject({
      kind: "failed",
      task: { id: "t1" },
    });
  });

  it("counts a slot once that completed and runs again", () => {
    const tasks = [one, { ...one, ...done, id: "before" }];
    expect(last([{ at: 0, service: once, tasks }])).toEqual({
      kind: "progressing",
      text: "1 of 2 tasks running",
    });
  });

  it("forgives a failure of a slot that completed, while another one starts", () => {
    const tasks = [
      { ...one, ...exited, id: "before" },
      { ...one, ...done },
      { ...two, state: "starting" },
    ];
    expect(last([{ at: 0, service: once, tasks }])).toMatchObject({ kind: "progressing" });
  });

  // Seen on engine 20.10: "update paused due to failure or early termination of task …".
  it("is proved though Swarm pauses the update because its task ended", () => {
    const tasks = [
      { ...one, ...done },
      { ...two, ...done },
    ];
    const paused = { ...once, update: update("paused") };
    expect(last([{ at: 0, service: paused, tasks }])).toMatchObject({ kind: "proved" });
    const updating = { ...once, update: update("updating") };
    expect(last([{ at: 0, service: updating, tasks }])).toMatchObject({ kind: "running" });
  });

  it("restores one whose tasks have completed", () => {
    const service = aService({ ...once, update: update("paused") });
    const tasks = [
      { ...one, ...done },
      { ...two, ...done },
    ];
    expect(last([{ at: 0, service, tasks }], { rollback: true })).toMatchObject({
      kind: "restored",
    });
  });
});

// Seen on engine 20.10, of a network with too small a subnet: no error, no message.
it("does not blame the nodes for a task that the Swarm gives no address", () => {
  const service = serviceOf({ Replicated: {} });
  const tasks = [aTask({ state: "new", nodeId: null, message: "created" })];
  const moments = [0, 30_001].map((at) => ({ at, service, tasks }));
  expect(last(moments)).toMatchObject({
    code: "rollout_timeout",
    text: "the Swarm gives a task no address",
    task: { state: "new" },
  });
});

describe("judge, when a node goes down", () => {
  const service = serviceOf({ Replicated: { Replicas: 2 } });
  const tasks = [aTask({ id: "t1", nodeId: "n1" }), aTask({ id: "t2", slot: 2, nodeId: "n2" })];
  const up = new Map([
    ["n1", "ready"],
    ["n2", "ready"],
  ]);
  const down = new Map([
    ["n1", "ready"],
    ["n2", "down"],
  ]);

  it("does not count its tasks as running, and starts the window again", () => {
    const moments = [
      { at: 0, service, tasks, nodes: up },
      { at: 4000, service, tasks, nodes: down },
      { at: 5000, service, tasks, nodes: up },
      { at: 9999, service, tasks, nodes: up },
      { at: 10_000, service, tasks, nodes: up },
    ];
    expect(kinds(moments)).toEqual(["running", "progressing", "running", "running", "proved"]);
    expect(follow(moments)[1]).toMatchObject({
      text: "1 of 2 tasks running, 1 on a node that is down",
    });
  });

  it("takes a node that was removed for one that is down", () => {
    const nodes = new Map([["n1", "ready"]]);
    expect(last([{ at: 0, service, tasks, nodes }])).toMatchObject({ kind: "progressing" });
  });

  it("says so when the deadline comes", () => {
    expect(last([{ at: 300_001, service, tasks, nodes: down }])).toMatchObject({
      code: "rollout_timeout",
      text: "the roll-out took too long: tasks are on a node that is down",
      task: { id: "t2" },
    });
  });

  it("does not want a global service on it, nor wait for it to scale to nothing", () => {
    const global = serviceOf({ Global: {} });
    const gone = [on("n1"), on("n2")];
    expect(last([{ at: 0, service: global, tasks: gone, nodes: down }])).toMatchObject({
      kind: "running",
    });
    const none = serviceOf({ Replicated: { Replicas: 0 } });
    const left = [aTask({ nodeId: "n2", desiredState: "shutdown" })];
    expect(last([{ at: 0, service: none, tasks: left, nodes: down }])).toMatchObject({
      kind: "running",
    });
  });

  it.each(["orphaned", "remove"])("does not count a task in state %s", (state) => {
    const lost = [tasks[0] ?? aTask(), aTask({ id: "t2", slot: 2, state })];
    expect(last([{ at: 0, service, tasks: lost }])).toMatchObject({
      text: "1 of 2 tasks running",
    });
  });
});

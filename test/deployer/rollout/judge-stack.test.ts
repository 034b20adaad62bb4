import { describe, expect, it } from "vitest";
import {
  judgeStack,
  judgeStackRollback,
  type StackJudgeRequest,
} from "../../../src/deployer/rollout/judge-stack.ts";
import { startHistory } from "../../../src/deployer/rollout/history.ts";
import type { LiveTask } from "../../../src/deployer/ports.ts";
import type { JudgeRequest } from "../../../src/deployer/rollout/verdict.ts";
import { limits, START } from "./follow.ts";
import { aService, aSpec, aTask } from "./rollout-builders.ts";

function request(
  name: string,
  tasks: readonly LiveTask[],
  change: Partial<JudgeRequest> = {},
): JudgeRequest {
  const service = aService({ spec: aSpec({ name, mode: { Replicated: { Replicas: 2 } } }) });
  return {
    deploymentId: "dep_new",
    observation: { now: START, service, tasks },
    history: startHistory(START),
    limits,
    ...change,
  };
}

const up = [aTask({ id: "t1" }), aTask({ id: "t2", slot: 2 })];
const half = up.slice(0, 1);
const crashed = [
  ...half,
  aTask({ id: "f", slot: 2, state: "failed", desiredState: "shutdown", error: "boom" }),
];

function stack(services: Readonly<Record<string, JudgeRequest>>): StackJudgeRequest {
  return {
    services: Object.fromEntries(
      Object.entries(services).map(([key, one]) => [`shop-production_${key}`, one]),
    ),
  };
}

/** The same services at a later moment, with what was learnt. */
function later(
  { services }: StackJudgeRequest,
  histories: Readonly<Record<string, JudgeRequest["history"]>>,
  now: number,
): StackJudgeRequest {
  return {
    services: Object.fromEntries(
      Object.entries(services).map(([name, one]) => [
        name,
        {
          ...one,
          history: histories[name] ?? one.history,
          observation: { ...one.observation, now },
        },
      ]),
    ),
  };
}

describe("judgeStack", () => {
  it("counts the services, and says where the first one stands that does not run", () => {
    const services = {
      web: request("web", half),
      db: request("db", up),
      api: request("api", half),
    };
    expect(judgeStack(stack(services)).verdict).toEqual({
      kind: "progressing",
      text: "1 of 3 services run; api: 1 of 2 tasks running",
    });
  });

  it("says of one service only where that stands", () => {
    expect(judgeStack(stack({ web: request("web", half) })).verdict).toEqual({
      kind: "progressing",
      text: "1 of 2 tasks running",
    });
  });

  it("runs once all do, and is proved once all are, each after its own window", () => {
    const slow = { ...limits, windowMs: 9_000 };
    const first = stack({ web: request("web", up), db: request("db", up, { limits: slow }) });
    const one = judgeStack(first);
    const two = judgeStack(later(first, one.histories, START + 5_000));
    const three = judgeStack(later(first, two.histories, START + 9_000));
    expect([one, two, three].map(({ verdict }) => verdict.kind)).toEqual([
      "running",
      "running",
      "proved",
    ]);
    expect(two.services["shop-production_web"]?.kind).toBe("proved");
    expect(three.verdict).toEqual({ kind: "proved", since: START, text: "2 of 2 services run" });
  });

  it("is of the age of its youngest service", () => {
    const first = stack({ web: request("web", up) });
    const { histories } = judgeStack(first);
    const second = {
      services: {
        ...later(first, histories, START + 1_000).services,
        ...later(stack({ db: request("db", up) }), {}, START + 1_000).services,
      },
    };
    expect(judgeStack(second).verdict).toMatchObject({ since: START + 1_000 });
  });

  it("fails with the first service by name that fails, while others still come up", () => {
    const services = {
      web: request("web", crashed),
      api: request("api", half),
      db: request("db", crashed, { isUnchanged: true }),
    };
    expect(judgeStack(stack(services)).verdict).toMatchObject({
      kind: "failed",
      code: "task_exited",
      service: "shop-production_db",
      isUnchanged: true,
      task: { id: "f" },
    });
  });

  it("prefers a failure that a task shows", () => {
    const services = {
      api: request("api", up, { deploymentId: "other" }),
      web: request("web", crashed),
    };
    const judged = judgeStack(stack(services));
    expect(judged.services["shop-production_api"]).toMatchObject({ code: "swarm_conflict" });
    expect(judged.verdict).toMatchObject({ service: "shop-production_web", isUnchanged: false });
    const only = { api: request("api", up, { deploymentId: "other" }), web: request("web", half) };
    expect(judgeStack(stack(only)).verdict).toMatchObject({ service: "shop-production_api" });
  });

  it("has nothing to prove without services", () => {
    expect(judgeStack({ services: {} }).verdict).toMatchObject({ kind: "proved" });
  });
});

describe("judgeStackRollback", () => {
  it("is restored once every service is", () => {
    const services = { web: request("web", half), db: request("db", up) };
    const first = judgeStackRollback(stack(services));
    expect(first.verdict).toEqual({
      kind: "restoring",
      text: "1 of 2 services run; web: 1 of 2 tasks running",
    });
    const all = { web: request("web", up), db: request("db", up) };
    expect(judgeStackRollback(stack(all)).verdict).toEqual({
      kind: "restored",
      since: START,
      text: "2 of 2 services run",
    });
  });

  it("fails with the service that does not come back", () => {
    const services = { web: request("web", up), db: request("db", crashed) };
    expect(judgeStackRollback(stack(services)).verdict).toMatchObject({
      kind: "failed",
      service: "shop-production_db",
    });
  });
});

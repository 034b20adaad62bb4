import { describe, expect, it } from "vitest";
import { stackObjects } from "../../src/stack/objects.ts";
import { updateDefaultReasons } from "../../src/stack/update-defaults.ts";
import { accepted, draftOf } from "./draft-case.ts";

const SECOND = 1_000_000_000;

function specOf(keys: string) {
  const text = `services:\n  web:\n    image: nginx\n${keys}\nvolumes: {data: {}}\n`;
  const [service] = accepted(draftOf(text)).draft.services;
  if (!service) throw new Error("no service");
  return service.spec;
}

const HEALTH = "    healthcheck: {test: curl}";
const HOST_PORT = "    ports: [{target: 80, published: 80, mode: host}]";
const STOP = { Order: "stop-first", Parallelism: 1 };
const START = { Order: "start-first", Parallelism: 1 };

describe("Skep's update settings", () => {
  it("are there where the file says nothing", () => {
    const { UpdateConfig, RollbackConfig } = specOf("");
    expect(UpdateConfig).toEqual({
      Parallelism: 1,
      FailureAction: "rollback",
      Monitor: 5 * SECOND,
      MaxFailureRatio: 0,
      Order: "start-first",
    });
    expect(RollbackConfig).toEqual({
      Parallelism: 0,
      FailureAction: "pause",
      MaxFailureRatio: 0,
      Order: "start-first",
    });
  });

  it.each<[string, string, object]>([
    ["a fixed host port forbids start-first", HOST_PORT, STOP],
    ["one that the engine chooses does not", "    ports: [{target: 80, mode: host}]", START],
    [
      "but on every node it does",
      "    ports: [{target: 80, mode: host}]\n    deploy: {mode: global}",
      STOP,
    ],
    ["a published port does not", "    ports: ['80:80']", START],
    ["a volume has one writer", "    volumes: [data:/data]", STOP],
    ["a folder of the node has one writer", "    volumes: [/srv:/data]", STOP],
    ["readers may be many", "    volumes: ['data:/data:ro']", START],
    ["a volume without a name is each task's own", "    volumes: [/data]", START],
    ["a tmpfs is each task's own", "    volumes: [{type: tmpfs, target: /data}]", START],
    [
      "a full node has no room for the new task",
      "    deploy: {placement: {max_replicas_per_node: 1}}",
      STOP,
    ],
    [
      "with a health check all tasks are replaced at once",
      HEALTH,
      { Parallelism: 0, Order: "start-first" },
    ],
    ["but not where a host port forbids start-first", `${HEALTH}\n${HOST_PORT}`, STOP],
    [
      "a disabled health check guards nothing",
      "    healthcheck: {disable: true}",
      { Parallelism: 1, Monitor: 5 * SECOND },
    ],
    [
      "nor does one whose command only the image knows",
      "    healthcheck: {interval: 60s}",
      { Parallelism: 1, Monitor: 5 * SECOND },
    ],
    ["the monitor covers Docker's own health check times", HEALTH, { Monitor: 180 * SECOND }],
    [
      "the monitor covers the health check",
      "    healthcheck: {test: a, interval: 2s, timeout: 1s, retries: 4, start_period: 10s}",
      { Monitor: 22 * SECOND },
    ],
    [
      "the monitor is 5 s at least",
      "    healthcheck: {test: a, interval: 100ms, timeout: 100ms, retries: 1}",
      { Monitor: 5 * SECOND },
    ],
    [
      "the file has the last word",
      `${HEALTH}\n    deploy:\n      update_config: {parallelism: 3, delay: 1s, monitor: 7s, max_failure_ratio: 0.5, order: stop-first, failure_action: continue}`,
      {
        Parallelism: 3,
        Delay: SECOND,
        FailureAction: "continue",
        Monitor: 7 * SECOND,
        MaxFailureRatio: 0.5,
        Order: "stop-first",
      },
    ],
    [
      "the file has the last word on each key",
      `${HEALTH}\n    deploy: {update_config: {delay: 1s}}`,
      { Parallelism: 0, Delay: SECOND, FailureAction: "rollback", Order: "start-first" },
    ],
    [
      "a parallelism of 0 is said, and so is start-first on a host port",
      `${HOST_PORT}\n    deploy: {update_config: {parallelism: 0, order: start-first}}`,
      { Parallelism: 0, Order: "start-first" },
    ],
  ])("%s", (_, keys, expected) => {
    expect(specOf(keys).UpdateConfig).toMatchObject(expected);
  });

  it("go back in the order of the update, all at once, and pause rather than loop", () => {
    const order = "    deploy:\n      update_config: {order: stop-first}";
    expect(specOf(order).RollbackConfig).toEqual({
      Parallelism: 0,
      FailureAction: "pause",
      MaxFailureRatio: 0,
      Order: "stop-first",
    });
    const back = "      rollback_config: {parallelism: 2, failure_action: continue, delay: 2s}";
    expect(specOf(`${order}\n${back}`).RollbackConfig).toEqual({
      Parallelism: 2,
      Delay: 2 * SECOND,
      FailureAction: "continue",
      MaxFailureRatio: 0,
      Order: "stop-first",
    });
  });

  it.each([
    ["restart: on-failure", "rollback"],
    ["deploy: {restart_policy: {condition: on-failure}}", "rollback"],
    ["deploy: {restart_policy: {condition: none}}", "continue"],
    ["deploy: {restart_policy: {condition: any}}", "rollback"],
    ["deploy: {restart_policy: {delay: 1s}}", "rollback"],
    ["restart: always", "rollback"],
  ])("do not take a task for failed that may end: %s", (keys, action) => {
    const { UpdateConfig, RollbackConfig } = specOf(`    ${keys}`);
    expect(UpdateConfig).toMatchObject({ FailureAction: action });
    expect(RollbackConfig).toMatchObject({
      FailureAction: action === "continue" ? "continue" : "pause",
    });
  });

  it("let the file say that a task that ends has failed", () => {
    const deploy = "restart_policy: {condition: none}, update_config: {failure_action: rollback}";
    expect(specOf(`    deploy: {${deploy}}`).UpdateConfig?.FailureAction).toBe("rollback");
  });

  it("leave a monitor of 0 to the engine, as Docker does", () => {
    const { UpdateConfig } = specOf("    deploy: {update_config: {monitor: 0s}}");
    expect(UpdateConfig).not.toHaveProperty("Monitor");
  });

  it("are none for jobs, which the engine would refuse", () => {
    const job = specOf("    deploy: {mode: replicated-job, rollback_config: {parallelism: 1}}");
    expect(job).not.toHaveProperty("UpdateConfig");
    expect(job).not.toHaveProperty("RollbackConfig");
  });

  it("have a sentence each", () => {
    expect(updateDefaultReasons()).toHaveLength(5);
  });
});

describe("the note on update settings", () => {
  function notes(keys: string, asCli = false): readonly string[] {
    const text = `services:\n  web:\n    image: nginx\n${keys}\n`;
    const files = [{ path: "/tree/stack.yml", text }];
    const result = stackObjects({ name: "s", files, readFile: () => null, variables: {}, asCli });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    return result.notes.map(({ code, line, message }) => `${code} ${line} ${message}`);
  }

  it("tells what was set, and why the order", () => {
    expect(notes("    deploy:\n      update_config: {monitor: 9s}\n    volumes: [/a:/b]")).toEqual([
      "update_defaults 5 Skep sets order stop-first (two tasks must not write to /b at a time), parallelism 1, failure_action rollback, rollback_config, which the file leaves open: say it to have it otherwise.",
    ]);
  });

  it("tells why a task that ends is not taken for failed", () => {
    expect(notes("    deploy: {restart_policy: {condition: none}}")).toEqual([
      expect.stringContaining("failure_action continue (tasks may end by themselves), monitor 5s"),
    ]);
    expect(updateDefaultReasons()).toContainEqual(
      expect.stringMatching(/^rollback: .*continue where tasks may end by themselves/u),
    );
  });

  it("is not there as the CLI, nor where the file says all", () => {
    const all = "{order: stop-first, parallelism: 1, failure_action: pause, monitor: 5s}";
    const keys = `    deploy: {update_config: ${all}, rollback_config: ${all}}`;
    expect(notes(keys)).toEqual([]);
    expect(notes("", true)).toEqual([]);
  });

  it("tells that a job has no way back", () => {
    const job = "    deploy: {mode: global-job, rollback_config: {parallelism: 1}}";
    expect(notes(job)).toEqual([expect.stringMatching(/^ignored_key 4 a job/u)]);
    expect(notes(job, true)).toEqual([]);
  });
});

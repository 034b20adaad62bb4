import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diagnose, type DiagnoseRequest } from "../../../src/deployer/rollout/diagnose.ts";
import type { LiveTask } from "../../../src/deployer/ports.ts";
import { aSpec, aTask } from "./rollout-builders.ts";

function request(
  task: Partial<LiveTask> | null,
  change: Partial<DiagnoseRequest> = {},
): DiagnoseRequest {
  return {
    failedTask: task && aTask({ state: "failed", desiredState: "shutdown", ...task }),
    lines: ["last line"],
    healthOutput: [],
    service: aSpec(),
    phase: "deploy",
    verdict: { code: "rollout_timeout", text: "the roll-out took too long" },
    ...change,
  };
}

const constrained = aSpec({
  task: { Placement: { Constraints: ["node.labels.gpu==true", "node.role==worker"] } },
});
const onHost = aSpec({
  ports: [{ TargetPort: 80, PublishedPort: 8080, Protocol: "tcp", PublishMode: "host" }],
});
const limited = aSpec({ task: { Resources: { Limits: { MemoryBytes: 64 * 1024 * 1024 } } } });
const checked = aSpec({
  container: { Healthcheck: { Test: ["CMD-SHELL", "curl -f localhost"] } },
});

describe("diagnose", () => {
  it.each<[string, Partial<LiveTask>, Partial<DiagnoseRequest>, string, string]>([
    [
      "a constraint that no node meets",
      {
        state: "pending",
        error: "no suitable node (scheduling constraints not satisfied on 3 nodes)",
      },
      { service: constrained },
      "no_suitable_node",
      "no node meets the placement constraints (node.labels.gpu==true, node.role==worker): not satisfied on 3 nodes",
    ],
    [
      "a host port taken by another service",
      { state: "pending", error: "no suitable node (host-mode port already in use on 1 node)" },
      { service: onHost },
      "port_in_use",
      "host port 8080 is taken by another service's task on 1 node",
    ],
    [
      "too little memory on all nodes",
      { state: "pending", error: "no suitable node (insufficient resources on 2 nodes)" },
      {},
      "no_suitable_node",
      "no node has the reserved CPU or memory free: too little on 2 nodes",
    ],
    [
      "an image for another platform",
      { state: "pending", error: "no suitable node (unsupported platform on 1 node)" },
      {},
      "no_suitable_node",
      "the image is made for another platform than that of 1 node",
    ],
    [
      "drained nodes",
      { state: "pending", error: "no suitable node (1 node not available for new tasks)" },
      {},
      "no_suitable_node",
      "no node takes the task: 1 node not available for new tasks",
    ],
    [
      "a Swarm that names no reason",
      { state: "pending", error: "no suitable node" },
      {},
      "no_suitable_node",
      "no node takes the task: the Swarm names no reason",
    ],
    [
      "an image that no node has",
      { state: "rejected", error: "No such image: img:9" },
      {},
      "image_not_found",
      "image img:9 was not found",
    ],
    [
      "a registry that denies",
      {
        state: "rejected",
        error: "pull access denied for acme/private, repository does not exist",
      },
      {},
      "image_not_found",
      "image acme/private was not found",
    ],
    [
      "a missing manifest",
      { state: "rejected", error: "manifest unknown" },
      {},
      "image_not_found",
      "image img:1 was not found",
    ],
    [
      "a port of another service",
      {
        state: "rejected",
        error: "port '8080' is already in use by service 'web' (x1) as an ingress port",
      },
      {},
      "port_in_use",
      "port 8080 is already published by service web",
    ],
    [
      "a port of another container",
      {
        state: "failed",
        error:
          "starting container failed: driver failed programming external connectivity on endpoint x: Bind for 0.0.0.0:8080 failed: port is already allocated",
      },
      {},
      "port_in_use",
      "host port 8080 is taken by another container of the node",
    ],
    [
      "a port of another program",
      {
        error:
          "starting container failed: Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use",
      },
      {},
      "port_in_use",
      "host port 8080 is taken by a program on the node",
    ],
    [
      "a bind source that is missing",
      {
        state: "rejected",
        error: 'invalid mount config for type "bind": bind source path does not exist: /srv/data',
      },
      {},
      "task_rejected",
      "the folder /srv/data does not exist on the node",
    ],
    [
      "a network that is missing",
      { state: "rejected", error: "network backend not found" },
      {},
      "network_not_found",
      "network backend does not exist on the Swarm",
    ],
    [
      "a program that is missing",
      {
        error:
          'starting container failed: OCI runtime create failed: exec: "serve": executable file not found in $PATH: unknown',
        exitCode: 127,
      },
      {},
      "task_exited",
      "the image has no program serve to start",
    ],
    [
      "a program that may not run",
      { error: 'exec: "/run.sh": permission denied: unknown', exitCode: 126 },
      {},
      "task_exited",
      "/run.sh is in the image but may not be run",
    ],
    [
      "a program for another platform",
      { error: "standard_init_linux.go:228: exec user process caused: exec format error" },
      {},
      "task_exited",
      "the program is for another platform, or a script without its #! line",
    ],
    [
      "a full disk",
      { state: "rejected", error: "write /x: no space left on device" },
      {},
      "task_rejected",
      "the node's disk is full",
    ],
    [
      "an end without an error",
      { state: "complete", exitCode: 0, message: "finished" },
      {},
      "task_exited",
      "the process ended at once without an error; a service must keep running (exit code 0)",
    ],
    [
      "exit code 1",
      { error: "task: non-zero exit (1)", exitCode: 1 },
      {},
      "task_exited",
      "the process failed (exit code 1)",
    ],
    [
      "an exit code that only the words tell",
      { error: "task: non-zero exit (3)" },
      {},
      "task_exited",
      "the process ended with an error (exit code 3)",
    ],
    [
      "exit code 126",
      { exitCode: 126, error: "task: non-zero exit (126)" },
      {},
      "task_exited",
      "the process could not run its program: not executable (exit code 126)",
    ],
    [
      "exit code 127",
      { exitCode: 127, error: "task: non-zero exit (127)" },
      {},
      "task_exited",
      "the process could not find its program (exit code 127)",
    ],
    [
      "a kill within a memory limit",
      { exitCode: 137, error: "task: non-zero exit (137)" },
      { service: limited },
      "task_exited",
      "the process was killed, most likely for using more than its memory limit of 64 MiB (exit code 137)",
    ],
    [
      "a kill without a memory limit",
      { exitCode: 137, error: "task: non-zero exit (137)" },
      {},
      "task_exited",
      "the process was killed (exit code 137)",
    ],
    [
      "a segmentation fault",
      { exitCode: 139, error: "task: non-zero exit (139)" },
      {},
      "task_exited",
      "the process crashed with a segmentation fault (exit code 139)",
    ],
    [
      "a silent end",
      { exitCode: 1, error: "task: non-zero exit (1)" },
      { lines: [] },
      "task_exited",
      "the process failed (exit code 1); it wrote nothing",
    ],
    [
      "a failing health check",
      { exitCode: 137, error: "task: non-zero exit (137): dockerexec: unhealthy container" },
      { service: checked },
      "task_unhealthy",
      "the health check failed until Docker stopped the container (curl -f localhost)",
    ],
    [
      "a health check of the image that fails",
      { exitCode: 137, error: "task: non-zero exit (137): dockerexec: unhealthy container" },
      {},
      "task_unhealthy",
      "the health check failed until Docker stopped the container",
    ],
    [
      "a health check that does not pass in time",
      { state: "starting", desiredState: "running" },
      { service: checked },
      "task_unhealthy",
      "the container started, but its health check did not pass in time (curl -f localhost)",
    ],
    [
      "a refusal that no rule knows",
      { state: "rejected", error: "something new" },
      {},
      "task_rejected",
      "the node refused the task: something new",
    ],
  ])("names %s", (_, task, change, code, summary) => {
    const failure = diagnose(request(task, change));
    expect(failure).toMatchObject({ code, summary, phase: "deploy", annotations: [] });
    expect(failure.nextStep).toMatch(/^[A-Z].*\.$/);
  });

  it("takes the judge's words when no task shows the cause", () => {
    expect(diagnose(request(null, { lines: [] }))).toMatchObject({
      code: "rollout_timeout",
      summary: "the roll-out took too long",
      evidence: [],
    });
  });

  it("takes the judge's words for a task that only started too slowly", () => {
    const failure = diagnose(request({ state: "preparing", desiredState: "running", error: "" }));
    expect(failure.code).toBe("rollout_timeout");
  });

  it("shows what the health check printed rather than what the program wrote", () => {
    const task = { error: "task: non-zero exit (137): dockerexec: unhealthy container" };
    const failure = diagnose(request(task, { healthOutput: ["connection refused"] }));
    expect(failure.evidence).toEqual(["connection refused"]);
    expect(diagnose(request(task)).evidence).toEqual(["last line"]);
  });

  it("shows the last 20 lines, or the engine's words where they say more than the summary", () => {
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
    const task = { error: "task: non-zero exit (1)", exitCode: 1 };
    expect(diagnose(request(task, { lines })).evidence).toEqual(lines.slice(30));
    const trace = ["Error: no database", "    at app.js:1:7  "];
    expect(diagnose(request(task, { lines: trace })).evidence).toEqual([
      "Error: no database",
      "    at app.js:1:7",
    ]);
    expect(diagnose(request(task, { lines: [] })).evidence).toEqual([]);
    const rejected = { error: "no such image: web:1", state: "rejected" };
    expect(diagnose(request(rejected, { lines: [] })).evidence).toEqual([rejected.error]);
  });

  it("gives short printable text whatever the engine and the program wrote", () => {
    const text = fc.string({ unit: "binary", maxLength: 2000 });
    fc.assert(
      fc.property(
        text,
        fc.array(text),
        fc.constantFrom("failed", "rejected", "pending", "starting", "complete"),
        (error, lines, state) => {
          const failure = diagnose(request({ error, state }, { lines }));
          for (const shown of [failure.summary, ...failure.evidence]) {
            expect(shown).not.toMatch(/[^\P{Cc}\t]/u);
            expect(shown.length).toBeLessThan(800);
          }
          expect(failure.evidence.length).toBeLessThanOrEqual(20);
        },
      ),
    );
  });
});

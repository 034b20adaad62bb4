import { describe, expect, it } from "vitest";
import { diagnose, type DiagnoseRequest } from "../../../src/deployer/rollout/diagnose.ts";
import { withWords } from "../../../src/deployer/rollout/failing.ts";
import type { LiveNode, LiveTask } from "../../../src/deployer/ports.ts";
import { SEEN } from "./causes-seen.ts";
import { TOLD } from "./causes-told.ts";
import { aSpec, aTask } from "./rollout-builders.ts";

function request(
  task: Partial<LiveTask> | null,
  change: Partial<DiagnoseRequest> = {},
): DiagnoseRequest {
  return {
    failedTask: task && aTask({ state: "failed", desiredState: "shutdown", ...task }),
    lines: [],
    healthOutput: [],
    service: aSpec(),
    phase: "deploy",
    verdict: { code: "rollout_timeout", text: "the roll-out took too long" },
    ...change,
  };
}

function aNode(change: Partial<LiveNode> = {}): LiveNode {
  return {
    id: "node1",
    hostname: "one",
    role: "worker",
    availability: "active",
    state: "ready",
    labels: {},
    engineLabels: {},
    platform: { os: "linux", architecture: "amd64" },
    nanoCpus: 1e9,
    memoryBytes: 1e9,
    ...change,
  };
}

describe.each([
  ["seen on an engine", SEEN],
  ["told by its source", TOLD],
])("diagnose, by words %s", (_, causes) => {
  it.each(Object.entries(causes))("names %s", (__, { words, task, change, code, summary }) => {
    const failure = diagnose(request({ error: words, ...task }, change));
    expect(failure).toMatchObject({ code, summary });
    expect(failure.nextStep).toMatch(/^[A-Z].*\.$/);
  });
});

describe("diagnose, by exit codes", () => {
  it.each([
    [130, "the process was interrupted (SIGINT) (exit code 130); it wrote nothing"],
    [134, "the process aborted itself (exit code 134); it wrote nothing"],
    [135, "the process crashed with a bus error (exit code 135); it wrote nothing"],
    [136, "the process crashed with an arithmetic error (exit code 136); it wrote nothing"],
    [143, "the process was asked to stop (SIGTERM) and did (exit code 143); it wrote nothing"],
    [129, "the process was ended by signal 1 (exit code 129); it wrote nothing"],
    [255, "the process ended with an error (exit code 255); it wrote nothing"],
  ])("names %i", (exitCode, summary) => {
    const task = { exitCode, error: `task: non-zero exit (${exitCode})` };
    expect(diagnose(request(task))).toMatchObject({ code: "task_exited", summary });
  });

  it.each([
    ["sh: can't create /f: Read-only file system", /; its .* read-only/, /volume or tmpfs/],
    ["Error: EACCES: permission denied, open '/data/x'", /; its .* permission$/, /owner and mode/],
    ["ls: can't open '/x': Permission denied", /; its .* permission$/, /owner and mode/],
    ["write: No space left on device", /; its .* a disk is full$/, /docker system df/],
    ["connection refused", /\(exit code 1\)$/, /^Read its last lines/],
  ])("takes what to do from the last lines: %s", (line, said, nextStep) => {
    const task = { exitCode: 1, error: "task: non-zero exit (1)" };
    const failure = diagnose(request(task, { lines: ["starting", line] }));
    expect(failure.summary).toMatch(said);
    expect(failure.nextStep).toMatch(nextStep);
  });

  it.each([
    [1, "exec /bin/web: exec format error", /another platform/, /platform/],
    [
      1,
      "standard_init_linux.go:228: exec user process caused: exec format error",
      /another platform/,
      /#!/,
    ],
    [126, "sh: ./web: Exec format error", /another platform/, /platform/],
    [255, "exec /run.sh: no such file or directory", /interpreter or a library/, /line endings/],
    [126, "sh: /run.sh: Permission denied", /not executable \(exit code 126\)$/, /chmod/],
    [1, "open /etc/web.yml: no such file or directory", /failed \(exit code 1\)$/, /^Read its/],
  ])(
    "tells a program that never came to run from one that failed: %i, %s",
    (exitCode, line, said, next) => {
      const failure = diagnose(
        request({ exitCode, error: `task: non-zero exit (${exitCode})` }, { lines: [line] }),
      );
      expect(failure.summary).toMatch(said);
      expect(failure.nextStep).toMatch(next);
    },
  );

  it("does not send anybody to read lines that are not there", () => {
    const failure = diagnose(
      request({ exitCode: 4, error: "task: non-zero exit (4)" }, { lines: [] }),
    );
    expect(failure).toMatchObject({
      evidence: [],
      nextStep: expect.stringMatching(/^Let the program say why/),
    });
  });
});

describe("diagnose, in a stack on several nodes", () => {
  const nodes = [aNode(), aNode({ id: "node2", hostname: "two", state: "down" })];
  const exited = { exitCode: 1, error: "task: non-zero exit (1)" };

  it("names the node where it happened, when there are several", () => {
    const summary = "the process failed (exit code 1); it wrote nothing";
    expect(diagnose(request(exited, { nodes })).summary).toBe(`${summary} (on node one)`);
    expect(diagnose(request(exited, { nodes: [aNode()] })).summary).toBe(summary);
  });

  it("names a node that is down or gone, of a task that did not end there", () => {
    const task = { state: "running", desiredState: "running" };
    expect(diagnose(request({ ...task, nodeId: "node2" }, { nodes }))).toMatchObject({
      code: "no_suitable_node",
      summary: "node two, where the task is, is down",
    });
    expect(diagnose(request({ ...task, nodeId: "node3" }, { nodes }))).toMatchObject({
      summary: "the node where the task was is not part of the Swarm any more",
    });
    expect(diagnose(request({ ...exited, nodeId: "node2" }, { nodes })).code).toBe("task_exited");
  });

  it("names the nodes that are not available, which are what to mend first", () => {
    const error =
      "no suitable node (scheduling constraints not satisfied on 1 node; 2 nodes not available for new tasks)";
    const drained = aNode({ id: "node3", hostname: "three", availability: "drain" });
    const waits = { state: "pending", desiredState: "running", nodeId: null, error };
    const found = diagnose(request(waits, { nodes: [...nodes, drained] }));
    expect(found.summary).toMatch(
      /^no node takes the task: 2 nodes not available for new tasks \(two is down, three is drained\); the placement constraints .* are not satisfied on 1 node$/,
    );
    expect(found.nextStep).toMatch(/^Bring the nodes back .* Otherwise: Change deploy\.placement/);
    const alone = { ...waits, error: "no suitable node (1 node not available for new tasks)" };
    expect(diagnose(request(alone, { nodes })).summary).toBe(
      "no node takes the task: 1 node not available for new tasks (two is down)",
    );
    const paused = Array.from({ length: 7 }, (_, index) =>
      aNode({ id: `node${index}`, hostname: `n${index}`, availability: "pause" }),
    );
    expect(diagnose(request(alone, { nodes: paused })).summary).toMatch(
      /\(n0 is paused, n1 is paused, n2 is paused, n3 is paused, n4 is paused, and 2 more\)$/,
    );
  });

  it("does not blame a program whose health check on another node may have ended it", () => {
    const Healthcheck = { Test: ["CMD", "check-it"] };
    const checked = aSpec({ container: { Healthcheck } });
    const polite = { state: "complete", error: "", message: "finished", exitCode: 0 };
    const told = diagnose(request(polite, { nodes, service: checked }));
    expect(told).toMatchObject({
      code: "task_exited",
      summary:
        "the process ended without an error (exit code 0): by itself, or because its health check failed (check-it) (on node one)",
      nextStep: expect.stringMatching(/^See on that node what the health check reports/),
    });
    const others = [
      diagnose(request(polite, { nodes: [aNode()], service: checked })),
      diagnose(request(polite, { nodes })),
      diagnose(request({ ...polite, exitCode: 3 }, { nodes, service: checked })),
    ];
    for (const { summary } of others) expect(summary).not.toContain("health check");
  });

  it("tells to load an image that is in no registry, where it is missing", () => {
    const task = { state: "rejected", error: "No such image: localhost/tools:1" };
    expect(diagnose(request(task, { nodes }))).toMatchObject({
      code: "image_not_found",
      summary: "image localhost/tools:1 was not found (on node one)",
      nextStep: expect.stringMatching(/^Build or load the image on that node too/),
    });
  });

  it("begins with the service's name, and ends with whether it was changed", () => {
    const change = { label: "api", isUnchanged: true };
    expect(diagnose(request(exited, change)).summary).toBe(
      "api: the process failed (exit code 1); it wrote nothing; this deployment did not change the service",
    );
    const text = "no node takes a task; this deployment did not change the service";
    const verdict = { code: "no_suitable_node", text } as const;
    expect(diagnose(request(null, { ...change, verdict })).summary).toBe(`api: ${text}`);
  });

  it("admits that it does not know a cause, and only then", () => {
    const verdict = { code: "task_exited", text: "a task ended once: strange" } as const;
    const task = { error: "strange", exitCode: null };
    expect(diagnose(request(task, { verdict }))).toMatchObject({
      summary: "a task ended once: strange",
      nextStep: expect.stringMatching(/^Skep does not know this cause/),
      evidence: ["strange"],
    });
    for (const code of ["no_suitable_node", "swarm_conflict", "rollout_timeout"] as const) {
      const { nextStep } = diagnose(request(null, { verdict: { code, text: "x" } }));
      expect(nextStep).not.toMatch(/does not know this cause/);
    }
  });

  it("shows no password of a file server, here and in the judge's words", () => {
    const error =
      "starting container failed: failed to mount local volume: mount //nas/x:/v/_data, data: username=u,password=p:w: permission denied";
    const { summary, evidence } = diagnose(request({ error }));
    expect(`${summary} ${evidence.join(" ")} ${withWords("x", error)}`).not.toMatch(/password|p:w/);
    expect(withWords("x", error)).toMatch(/^x: starting .*: permission denied$/);
  });

  it("cleans names of services, nodes and labels, which others chose", () => {
    const hostile = [aNode({ hostname: "a\u001b[31m\u0007b" }), aNode({ id: "node2" })];
    const { summary } = diagnose(request(exited, { label: "x\u202ey\n", nodes: hostile }));
    expect(summary).toBe("xy: the process failed (exit code 1); it wrote nothing (on node ab)");
  });
});

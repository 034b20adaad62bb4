import { describe, expect, it } from "vitest";
import { createBuildProgress } from "../../../src/deployer/docker/build-progress.ts";
import type { BuildTrace } from "../../../src/deployer/docker/buildkit-trace.ts";
import type { BuildEvent } from "../../../src/deployer/ports.ts";

type Vertex = BuildTrace["vertexes"][number];

function vertex(changes: Partial<Vertex> = {}): Vertex {
  return {
    digest: "d1",
    name: "RUN x",
    cached: false,
    started: 1,
    completed: null,
    error: "",
    ...changes,
  };
}
function log(text: string, { id = "d1", stream = 1 } = {}): BuildTrace["logs"][number] {
  return { vertex: id, stream, msg: Buffer.from(text) };
}
function follow(...traces: readonly Partial<BuildTrace>[]) {
  const events: BuildEvent[] = [];
  const progress = createBuildProgress((event) => events.push(event));
  for (const trace of traces) progress.take({ vertexes: [], logs: [], ...trace });
  const texts = () => events.flatMap((event) => (event.kind === "output" ? [event.text] : []));
  return { events, progress, texts };
}

describe("progress of a build", () => {
  it("tells each state of a step once", () => {
    const { events } = follow(
      { vertexes: [vertex({ started: null }), vertex()] },
      { vertexes: [vertex()] },
      { vertexes: [vertex({ completed: 5 }), vertex({ completed: 5 })] },
    );
    expect(
      events.map((event) => event.kind === "step" && [event.startedAt, event.completedAt]),
    ).toEqual([
      [null, null],
      [1, null],
      [1, 5],
    ]);
  });

  it("joins pieces of lines and of characters, each stream apart", () => {
    const { events } = follow(
      { logs: [log("on"), log("oops", { stream: 2 })] },
      {
        logs: [
          log("e\ntw\u00F6\n".slice(0, 3)),
          { vertex: "d1", stream: 1, msg: Buffer.of(0x77, 0xc3) },
        ],
      },
      { logs: [{ vertex: "d1", stream: 1, msg: Buffer.of(0xb6, 0x0a) }, log("\n", { stream: 2 })] },
    );
    expect(events).toEqual([
      { kind: "output", stepId: "d1", stream: "stdout", text: "one" },
      { kind: "output", stepId: "d1", stream: "stdout", text: "twö" },
      { kind: "output", stepId: "d1", stream: "stderr", text: "oops" },
    ]);
  });

  it("hands on an unfinished line before the end of its step", () => {
    const { events } = follow(
      { vertexes: [vertex()] },
      { logs: [log("no end")], vertexes: [vertex({ completed: 2 })] },
    );
    expect(
      events.map((event) => (event.kind === "output" ? event.text : event.completedAt)),
    ).toEqual([null, "no end", 2]);
  });

  it("hands on unfinished lines when the build breaks off", () => {
    const { progress, texts } = follow({ vertexes: [vertex()], logs: [log("half")] });
    expect(texts()).toEqual([]);
    progress.finish();
    expect(texts()).toEqual(["half"]);
  });

  it("cuts lines that do not end", () => {
    const { texts } = follow({ logs: [log("x".repeat(40_000))] }, { logs: [log("\nnext\n")] });
    expect(texts().map((text) => text.length)).toEqual([16_384, 16_384, 7_232, 4]);
  });

  it("knows the step that failed, and its last lines", () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}\n`).join("");
    const { progress } = follow(
      { vertexes: [vertex({ digest: "d0", error: "exit code: 137: context canceled" })] },
      { logs: [log(lines)], vertexes: [vertex({ completed: 3, error: "exit code: 1" })] },
    );
    const failure = progress.failure();
    expect(failure?.step).toMatchObject({ id: "d1", error: "exit code: 1" });
    expect(failure?.lines).toHaveLength(20);
    expect(failure?.lines.at(-1)).toBe("line 29");
  });

  it("knows no failure of a build that goes on, but what it is at", () => {
    const { progress } = follow({
      vertexes: [
        vertex({ completed: 2 }),
        vertex({ digest: "d2", started: 2 }),
        vertex({ digest: "d3", started: null }),
      ],
      logs: [log("busy\n", { id: "d2" })],
    });
    expect(progress.failure()).toBeNull();
    expect(progress.running()).toMatchObject({ step: { id: "d2" }, lines: ["busy"] });
  });
});

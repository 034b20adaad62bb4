import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { logFrame } from "../../support/log-frame.ts";
import { readServiceLines } from "../../../src/deployer/docker/service-lines.ts";

async function read(...chunks: readonly Buffer[]) {
  const lines = [];
  for await (const { line } of readServiceLines(Readable.from(chunks))) lines.push(line);
  return lines;
}

describe("lines of a service", () => {
  it("tells task, stream and time of each line", async () => {
    const lines = await read(logFrame("out\n"), logFrame("err\r\n", { stream: 2, task: "t2" }));
    const at = Date.UTC(2026, 10, 21, 0, 10, 21, 185);
    expect(lines).toEqual([
      { taskId: "t1", stream: "stdout", at, text: "out" },
      { taskId: "t2", stream: "stderr", at, text: "err" },
    ]);
  });

  it("does not care where the connection cuts", async () => {
    const bytes = Buffer.concat([
      logFrame("one\n"),
      logFrame("zwölf\n"),
      logFrame("\n"),
      logFrame("three\n"),
    ]);
    const whole = await read(bytes);
    expect(whole.map(({ text }) => text)).toEqual(["one", "zwölf", "", "three"]);
    for (const size of [1, 3, 7, 8, 9, 100]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(await read(...chunks)).toEqual(whole);
    }
  });

  it("joins what the engine cut, task by task", async () => {
    const lines = await read(
      logFrame("a1 "),
      logFrame("b1 ", { task: "t2" }),
      logFrame("e1 ", { stream: 2 }),
      logFrame("a2\n"),
      logFrame("b2\n", { task: "t2" }),
    );
    expect(lines.map(({ text }) => text)).toEqual(["a1 a2", "b1 b2", "e1 "]);
  });

  it("does not join for ever", async () => {
    const piece = Buffer.alloc(16 * 1024, "x");
    const lines = await read(...Array.from({ length: 9 }, () => logFrame(piece)));
    expect(lines.map(({ text }) => text.length)).toEqual([65_536, 65_536, 16_384]);
  });

  it("keeps hostile bytes as text", async () => {
    const [line] = await read(
      logFrame(Buffer.from("\u001B[2J com.docker.swarm.task.id=t9 \xff\n", "latin1")),
    );
    expect(line).toMatchObject({
      taskId: "t1",
      text: "\u001B[2J com.docker.swarm.task.id=t9 \uFFFD",
    });
  });

  it("passes over the engine's own words and half a message", async () => {
    const broken = logFrame("never finished\n").subarray(0, 60);
    expect(
      await read(logFrame("Error grabbing logs\n", { stream: 3 }), logFrame("ok\n"), broken),
    ).toEqual([expect.objectContaining({ text: "ok" })]);
  });
});

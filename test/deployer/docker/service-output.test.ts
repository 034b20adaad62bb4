import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock, type Clock } from "../../../src/clock.ts";
import { createDockerClient } from "../../../src/deployer/docker/client.ts";
import { createServiceOutput } from "../../../src/deployer/docker/service-output.ts";
import type { LiveTask, ServiceLine } from "../../../src/deployer/ports.ts";
import { logFrame } from "../../support/log-frame.ts";
import {
  startStubEngine,
  type StubAnswer,
  type StubCall,
  type StubEngine,
} from "../../support/stub-engine.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import { waitUntil } from "../../support/wait-until.ts";

const TASK: LiveTask = {
  id: "t1",
  slot: 1,
  nodeId: "n1",
  state: "failed",
  desiredState: "shutdown",
  error: "",
  message: "",
  exitCode: 1,
  containerId: "c1",
  createdAt: 0,
  stateSince: 0,
  isCurrent: true,
};
const STARTED = "2026-11-21T00:00:00.000000001Z";
const SECONDS = Date.UTC(2026, 10, 21) / 1000;

describe("output of services", () => {
  let dir: TempDir;
  let engine: StubEngine;
  let answer: (call: StubCall) => StubAnswer | undefined;
  let output: ReturnType<typeof createServiceOutput>;
  beforeEach(async () => {
    dir = await makeTempDir();
    engine = await startStubEngine(dir.path, (call) => answer(call));
    const system = createSystemClock();
    // Short pauses, so that nobody waits for them.
    const clock: Clock = {
      ...system,
      sleep: async (ms, signal) => await system.sleep(ms / 100, signal),
      deadline: (ms) => system.deadline(Math.min(ms, 1_000)),
    };
    output = createServiceOutput(createDockerClient(engine.host, clock));
  });
  afterEach(async () => {
    await engine.close();
    await dir.remove();
  });

  async function follow(answers: readonly StubAnswer[]) {
    const rest = [...answers];
    const sinces: (string | null)[] = [];
    answer = ({ path, query }) => {
      if (path === "/info") return { status: 200, body: { SystemTime: STARTED } };
      if (path !== "/services/web/logs") return undefined;
      sinces.push(query.get("since"));
      return rest.shift() ?? "never answer";
    };
    const lines: ServiceLine[] = [];
    const controller = new AbortController();
    const over = output.follow("web", (line) => lines.push(line), controller.signal);
    await waitUntil("the last answer is awaited", () => sinces.length > answers.length);
    controller.abort();
    await over;
    return { texts: lines.map(({ text }) => text), sinces };
  }

  it("begins at the engine's present, and goes on where the stream broke off", async () => {
    const first = logFrame("one\n", { stamp: "2026-11-21T00:00:01.5Z" });
    const later = logFrame("two\n", { stamp: "2026-11-21T00:00:01.999999999Z" });
    const late = logFrame("slow\n", { stamp: "2026-11-21T00:00:01.000000000Z" });
    const { texts, sinces } = await follow([
      { status: 200, body: Buffer.concat([first, later]), isCut: true },
      { status: 200, body: late },
    ]);
    expect(texts).toEqual(["one", "two", "slow"]);
    expect(sinces).toEqual([
      `${SECONDS}.000000001`,
      `${SECONDS + 2}.000000000`,
      `${SECONDS + 2}.000000000`,
    ]);
  });

  it("waits for a service that is not there yet, and for an engine that is away", async () => {
    const { texts } = await follow([
      { status: 404, body: { message: "service web not found" } },
      "hang up",
      { status: 200, body: logFrame("at last\n") },
    ]);
    expect(texts).toEqual(["at last"]);
  });

  it("does not follow what the engine will never tell", async () => {
    answer = ({ path }) =>
      path === "/info"
        ? { status: 200, body: { SystemTime: STARTED } }
        : { status: 400, body: { message: "logging driver does not support reading" } };
    // `/version` is asked first and gets the refusal, too.
    const over = output.follow("web", () => undefined, new AbortController().signal);
    await expect(over).rejects.toMatchObject({ code: "internal" });
  });

  it.each([
    ["are gone", { status: 404, body: { message: "task t1 not found" } }, []],
    ["break off", { status: 200, body: logFrame("one\n"), isCut: true }, ["one"]],
    ["never come", "never answer", []],
    ["come", { status: 200, body: Buffer.concat([logFrame("a\n"), logFrame("b\n")]) }, ["a", "b"]],
  ] satisfies [string, StubAnswer, string[]][])(
    "gives the last lines of a task, or what there is of them, when they %s",
    async (_case, given, texts) => {
      answer = ({ path }) => (path === "/tasks/t1/logs" ? given : undefined);
      expect((await output.taskLines(TASK, 10)).map(({ text }) => text)).toEqual(texts);
      expect(engine.calls.at(-1)?.query.get("tail")).toBe("10");
    },
  );
});

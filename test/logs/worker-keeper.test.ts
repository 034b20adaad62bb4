import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../../src/logger.ts";
import type { LogRequest } from "../../src/logs/log-protocol.ts";
import { createWorkerKeeper, type WorkerKeeper } from "../../src/logs/worker-keeper.ts";
import { logEntry } from "../support/log-entries.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

let dir: TempDir;
let keeper: WorkerKeeper;

beforeEach(async () => {
  dir = await makeTempDir();
  keeper = createWorkerKeeper({
    settings: { file: `${dir.path}/logs.db`, maxLogBytes: 1e6 },
    log: createLogger("silent"),
  });
});

afterEach(async () => {
  await keeper.close();
  await dir.remove();
});

describe("the log's worker", () => {
  it("is started anew when it ended, and still knows what to hide", async () => {
    keeper.redact(["hunter2-hunter2"]);
    // No request at all: an error that the worker does not survive.
    const deadly = null as unknown as LogRequest;
    await expect(keeper.ask(deadly)).rejects.toMatchObject({ code: "internal", retryable: true });
    const batch = { deploymentId: "dep_1", entries: [logEntry("is hunter2-hunter2")] };
    expect(await keeper.ask({ kind: "record", batches: [batch] })).toEqual({ kind: "done" });
    const answer = await keeper.ask({
      kind: "read",
      deploymentId: "dep_1",
      afterSeq: 0,
      limit: 10,
    });
    expect(answer).toMatchObject({ lines: [{ seq: 1, text: "is [REDACTED]" }] });
  });
});

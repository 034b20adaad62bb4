import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/logger.ts";
import { createLogStore, type LogStoreOptions } from "../../src/logs/log-store.ts";
import type { LogArchive } from "../../src/logs/ports.ts";
import { logEntry } from "../support/log-entries.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitUntil } from "../support/wait-until.ts";

let dir: TempDir;
let open: LogArchive[] = [];

beforeEach(async () => {
  dir = await makeTempDir();
});

afterEach(async () => {
  await Promise.all(open.map((logs) => logs.close()));
  open = [];
  await dir.remove();
});

async function openLogs(options: Partial<LogStoreOptions> = {}): Promise<LogArchive> {
  const logs = await createLogStore({
    file: `${dir.path}/logs.db`,
    clock: createSystemClock(),
    log: createLogger("silent"),
    ...options,
  });
  open.push(logs);
  return logs;
}

async function texts(logs: LogArchive, id = "dep_1"): Promise<string[]> {
  const lines = await logs.read(id, { afterSeq: 0, limit: 100_000 });
  return lines.map((line) => line.text);
}

describe("a log", () => {
  it("gives lines back at once, whole and in order", async () => {
    const logs = await openLogs();
    const skep = logEntry("done", { stream: "skep", source: "", phase: null, level: "error" });
    logs.append("dep_1", [logEntry("one"), skep]);
    expect(await logs.read("dep_1", { afterSeq: 0, limit: 10 })).toEqual([
      { ...logEntry("one"), seq: 1 },
      { ...skep, seq: 2 },
    ]);
  });

  it("numbers the lines of each deployment without gaps, over blocks and restarts", async () => {
    const first = await openLogs();
    for (let i = 0; i < 700; i++) {
      first.append("dep_1", [logEntry(`a${i}`)]);
      first.append("dep_2", [logEntry(`b${i}`)]);
    }
    await first.close();
    const second = await openLogs();
    second.append("dep_1", [logEntry("a700")]);
    const lines = await second.read("dep_1", { afterSeq: 0, limit: 10_000 });
    expect(lines.map((line) => [line.seq, line.text])).toEqual(
      Array.from({ length: 701 }, (_, i) => [i + 1, `a${i}`]),
    );
    expect(await second.lastSeq("dep_2")).toBe(700);
    expect(await second.lastSeq("dep_3")).toBe(0);
  });

  it("reads any part of itself", async () => {
    const logs = await openLogs();
    logs.append(
      "dep_1",
      Array.from({ length: 1_000 }, (_, i) => logEntry(`line ${i + 1}`)),
    );
    const part = await logs.read("dep_1", { afterSeq: 250, limit: 300 });
    expect(part.map((line) => line.seq)).toEqual(Array.from({ length: 300 }, (_, i) => 251 + i));
    expect(await logs.read("dep_1", { afterSeq: 1_000, limit: 5 })).toEqual([]);
  });

  it("tells listeners of new lines, until they stop listening", async () => {
    const logs = await openLogs();
    const heard: string[] = [];
    const stop = logs.onAppend("dep_1", () => heard.push("one"));
    logs.onAppend("dep_2", () => heard.push("two"));
    logs.append("dep_1", [logEntry("x")]);
    await waitUntil("the listener heard of it", () => heard.length > 0);
    stop();
    logs.append("dep_1", [logEntry("y")]);
    await logs.flush();
    expect(heard).toEqual(["one"]);
  });

  it("cleans, splits and cuts what is not one line", async () => {
    const logs = await openLogs();
    logs.append("dep_1", [logEntry("\u001b[31mred\u001b[0m\nblue\n"), logEntry("x".repeat(9_000))]);
    expect(await texts(logs)).toEqual(["red", "blue", `${"x".repeat(8_192)} … line cut at 8 KiB`]);
  });

  it("never stores a known secret, not even where an overlong line is cut", async () => {
    const logs = await openLogs();
    logs.redact(["hunter2-hunter2-hunter2"]);
    const long = ["a", "b", "c"].map((char) => char.repeat(21_838)).join("hunter2-hunter2-hunter2");
    logs.append("dep_1", [
      logEntry("password is hunter2-hunter2-hunter2", {
        source: "RUN echo hunter2-hunter2-hunter2",
      }),
      logEntry(`${"x".repeat(8_180)}hunter2-hunter2-hunter2`),
      logEntry(`${"hunter2-hunter2-hunter2 ".repeat(4_000)}`),
      logEntry(long),
    ]);
    const lines = await logs.read("dep_1", { afterSeq: 0, limit: 10 });
    expect(lines[0]?.text).toBe("password is [REDACTED]");
    expect(lines[0]?.source).toBe("RUN echo [REDACTED]");
    expect(JSON.stringify(lines)).not.toContain("hunter2");
    await logs.close();
    for (const suffix of ["", "-wal"]) {
      const bytes = tryRead(`${dir.path}/logs.db${suffix}`);
      expect(bytes.includes("hunter2")).toBe(false);
    }
  });

  it("forgets old deployments and keeps the others", async () => {
    const logs = await openLogs();
    logs.append("dep_1", [logEntry("old", { at: 1_000 })]);
    logs.append("dep_2", [logEntry("older", { at: 500 }), logEntry("newer", { at: 2_000 })]);
    expect(await logs.prune(1_500)).toBe(1);
    expect(await texts(logs, "dep_1")).toEqual([]);
    expect(await texts(logs, "dep_2")).toEqual(["older", "newer"]);
    logs.append("dep_1", [logEntry("again")]);
    expect(await logs.lastSeq("dep_1")).toBe(1);
  });
});

function tryRead(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

describe("too much output", () => {
  it("is dropped when it cannot be written fast enough, and the log says how much", async () => {
    const logs = await openLogs({ maxWaitingLines: 100 });
    logs.append(
      "dep_1",
      Array.from({ length: 1_500 }, (_, i) => logEntry(`line ${i + 1}`)),
    );
    logs.append("dep_1", [logEntry("failed", { stream: "skep", source: "" })]);
    await waitUntil("the log says so", async () => (await texts(logs)).length > 101);
    logs.append("dep_1", [logEntry("after")]);
    expect((await texts(logs)).slice(99)).toEqual([
      "line 100",
      "failed",
      "… 1,400 lines dropped: output came faster than the log could be written",
      "after",
    ]);
  });

  it("of one deployment ends with a note, but Skep's own lines still come through", async () => {
    const logs = await openLogs({ maxLogBytes: 1024 * 1024 });
    const chunk = Array.from({ length: 300 }, () => logEntry("x".repeat(8_000)));
    logs.append("dep_1", chunk);
    logs.append("dep_2", [logEntry("other")]);
    logs.append("dep_1", [logEntry("lost"), logEntry("failed", { stream: "skep", source: "" })]);
    expect((await texts(logs)).slice(-2)).toEqual([
      "… this log has reached 1 MiB: further output is dropped",
      "failed",
    ]);
    expect(await texts(logs, "dep_2")).toEqual(["other"]);
  });

  it("leaves the main thread free at 20,000 lines a second", async () => {
    const logs = await openLogs();
    const histogram = monitorEventLoopDelay({ resolution: 1 });
    const start = performance.now();
    let sent = 0;
    histogram.enable();
    while (sent < 40_000) {
      await delay(5);
      const due = Math.min(40_000, Math.floor((performance.now() - start) * 20));
      const text = "npm http fetch GET 200 (cache miss) attempt";
      logs.append(
        "dep_1",
        Array.from({ length: due - sent }, (_, i) => logEntry(`${text} ${sent + i}`)),
      );
      sent = due;
    }
    histogram.disable();
    await logs.flush();
    expect(await logs.lastSeq("dep_1")).toBe(40_000);
    expect(histogram.percentile(99) / 1e6).toBeLessThan(50);
  });
});

describe("when things break", () => {
  it("loses at most a fraction of a second to kill -9, and opens again", async () => {
    const file = `${dir.path}/logs.db`;
    const child = spawn(process.execPath, ["test/support/log-flood.ts", file]);
    const told: { count: number; at: number }[] = [];
    let rest = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) told.push(JSON.parse(line));
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await waitUntil("it has logged a while", () => told.length > 500);
    child.kill("SIGKILL");
    await ended;
    const killedAt = told.at(-1)?.at ?? 0;
    const safe = told.filter(({ at }) => at < killedAt - 500).at(-1)?.count ?? 0;
    const logs = await openLogs({ file });
    const found = await texts(logs);
    expect(safe).toBeGreaterThan(0);
    expect(found.length).toBeGreaterThanOrEqual(safe);
    expect(found).toEqual(found.map((_, i) => `line ${i + 1}`));
  });

  it("sets a damaged file aside and begins anew", async () => {
    writeFileSync(`${dir.path}/logs.db`, "this is no database, whatever its name says".repeat(100));
    const logs = await openLogs();
    logs.append("dep_1", [logEntry("one")]);
    expect(await texts(logs)).toEqual(["one"]);
    expect(readFileSync(`${dir.path}/logs.db.damaged`, "utf8")).toContain("no database");
  });

  it("says what is wrong when the file cannot be made", async () => {
    await expect(openLogs({ file: `${dir.path}/missing/logs.db` })).rejects.toMatchObject({
      code: "settings_invalid",
      message: expect.stringMatching(/^opening the log file .*missing\/logs\.db: unable to open/),
      nextStep: expect.any(String),
    });
  });

  it("takes nothing after it is closed, and does not throw", async () => {
    const logs = await openLogs();
    logs.append("dep_1", [logEntry("one")]);
    await logs.close();
    logs.append("dep_1", [logEntry("two")]);
    await logs.close();
    expect(await texts(await openLogs())).toEqual(["one"]);
  });
});

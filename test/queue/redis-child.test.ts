import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import { createBullWakeUps } from "../../src/queue/bull-wake-ups.ts";
import { processStartTime } from "../../src/queue/leftover-process.ts";
import { type PrivateRedis, startRedis } from "../../src/queue/redis-child.ts";
import { createRecordedLog, type RecordedLog } from "../support/recorded-log.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitUntil } from "../support/wait-until.ts";

let dir: TempDir;
let log: RecordedLog;
let redis: PrivateRedis | null;
const clock = createSystemClock();

beforeEach(async () => {
  dir = await makeTempDir();
  log = createRecordedLog();
  redis = null;
});
afterEach(async () => {
  await redis?.close();
  await dir.remove();
});

function redisPid(): number {
  return (JSON.parse(readFileSync(join(dir.path, "redis.pid"), "utf8")) as { pid: number }).pid;
}

function spawnParent(env: Readonly<Record<string, string>>): ChildProcess {
  const script = join(import.meta.dirname, "../support/redis-parent.ts");
  return spawn(process.execPath, [script, dir.path], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

describe("a private Redis", () => {
  it("listens on a socket that only its user can open, and is gone after close", async () => {
    redis = await startRedis({ dir: dir.path, clock, log });
    const pid = redisPid();
    expect(existsSync(redis.socketPath)).toBe(true);
    await redis.close();
    expect(await processStartTime(pid)).toBeNull();
    expect(existsSync(join(dir.path, "redis.pid"))).toBe(false);
    expect(existsSync(redis.socketPath)).toBe(false);
  });

  it("is started again when it dies, and wake-ups go on by themselves", async () => {
    redis = await startRedis({ dir: dir.path, clock, log });
    const wakeUps = createBullWakeUps({ redis: redis.socketPath, clock, log });
    const seen: string[] = [];
    await wakeUps.listen((_, lane) => {
      seen.push(lane);
      return Promise.resolve();
    });
    await wakeUps.wake("decision", "before");
    await waitUntil("the first arrived", () => seen.includes("before"));
    for (const lane of ["first", "second"]) {
      const pid = redisPid();
      process.kill(pid, "SIGKILL");
      await waitUntil("it is dead", async () => (await processStartTime(pid)) === null);
      await wakeUps.wake("decision", lane);
      await waitUntil("the wake-up arrived", () => seen.includes(lane), 15_000);
    }
    await wakeUps.close();
    expect(log.lines.filter(({ message }) => message === "private Redis died")).toHaveLength(2);
  });

  it("dies with a process that is killed", async () => {
    const parent = spawnParent({});
    await firstLine(parent);
    const left = redisPid();
    expect(await processStartTime(left)).not.toBeNull();
    parent.kill("SIGKILL");
    await waitUntil("it is gone", async () => (await processStartTime(left)) === null);
  });

  it("ends the one that a killed process left, where it could not die with it", async () => {
    const bin = join(dir.path, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "setpriv"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const parent = spawnParent({ PATH: `${bin}:${process.env["PATH"] ?? ""}` });
    await firstLine(parent);
    const left = redisPid();
    parent.kill("SIGKILL");
    await once(parent, "exit");
    expect(await processStartTime(left)).not.toBeNull();
    redis = await startRedis({ dir: dir.path, clock, log });
    expect(await processStartTime(left)).toBeNull();
    expect(redisPid()).not.toBe(left);
  });

  it("leaves a process alone that only got the pid of a former Redis", async () => {
    const bystander = spawn("sleep", ["60"]);
    await once(bystander, "spawn");
    const file = JSON.stringify({ pid: bystander.pid, startTime: "1" });
    writeFileSync(join(dir.path, "redis.pid"), file);
    redis = await startRedis({ dir: dir.path, clock, log });
    expect(await processStartTime(bystander.pid ?? 0)).not.toBeNull();
    bystander.kill("SIGKILL");
  });

  it.each([
    "",
    "not json",
    "[]",
    '{"pid":-1,"startTime":"1"}',
    '{"pid":999999999,"startTime":"1"}',
  ])("is not disturbed by a process file that says %j", async (text) => {
    writeFileSync(join(dir.path, "redis.pid"), text);
    redis = await startRedis({ dir: dir.path, clock, log });
  });

  it("says what to install when there is no redis-server", async () => {
    const { PATH } = process.env;
    process.env["PATH"] = dir.path;
    try {
      await expect(startRedis({ dir: dir.path, clock, log })).rejects.toMatchObject({
        code: "redis_unavailable",
        message: "starting the private Redis: redis-server is not installed",
      });
    } finally {
      process.env["PATH"] = PATH;
    }
  });

  it("refuses a folder whose path does not fit into a socket address", async () => {
    const long = join(dir.path, "a".repeat(100));
    await expect(startRedis({ dir: long, clock, log })).rejects.toMatchObject({
      code: "settings_invalid",
    });
  });

  it("shows what Redis said when it ends at once", async () => {
    mkdirSync(join(dir.path, "redis.sock/in-the-way"), { recursive: true });
    await expect(startRedis({ dir: dir.path, clock, log })).rejects.toMatchObject({
      code: "redis_unavailable",
      message: "starting the private Redis: it ended at once",
      evidence: expect.arrayContaining([expect.stringContaining("Failed opening Unix socket")]),
    });
  });
});

async function firstLine(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error("no output");
  await once(createInterface({ input: child.stdout }), "line");
}

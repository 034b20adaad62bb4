import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import { openWakeUps } from "../../src/queue/open-wake-ups.ts";
import { createRecordedLog } from "../support/recorded-log.ts";
import { startRedis } from "../support/redis.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitUntil } from "../support/wait-until.ts";

let dir: TempDir;
beforeEach(async () => {
  dir = await makeTempDir();
});
afterEach(() => dir.remove());

function open(redisUrl: string | null) {
  const log = createRecordedLog();
  return openWakeUps({ redisUrl, dir: dir.path, clock: createSystemClock(), log });
}

it("brings a Redis of its own when none is named, and takes it away again", async () => {
  const wakeUps = await open(null);
  const seen: string[] = [];
  await wakeUps.listen((_, lane) => {
    seen.push(lane);
    return Promise.resolve();
  });
  await wakeUps.ping();
  await wakeUps.wake("decision", "1");
  await waitUntil("it arrived", () => seen.length === 1);
  expect(existsSync(join(dir.path, "redis/redis.sock"))).toBe(true);
  await wakeUps.close();
  expect(existsSync(join(dir.path, "redis/redis.sock"))).toBe(false);
});

it("uses the Redis that is named, and starts none", async () => {
  const redis = await startRedis();
  const wakeUps = await open(redis.socketPath);
  await wakeUps.ping();
  expect(existsSync(join(dir.path, "redis"))).toBe(false);
  await wakeUps.close();
  await redis.stop();
});

it("refuses a Redis that is not there, without showing its password", async () => {
  const opening = open("redis://user:hunter2@127.0.0.1:1/0");
  const error: unknown = await opening.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "redis_unavailable" });
  expect(String(error)).toContain("ECONNREFUSED 127.0.0.1:1");
  expect(`${String(error)}${JSON.stringify(error)}`).not.toContain("hunter2");
});

import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import { type BullWakeUps, createBullWakeUps } from "../../src/queue/bull-wake-ups.ts";
import { wakeUpsContract } from "../contracts/wake-ups.ts";
import { createRecordedLog, type RecordedLog } from "../support/recorded-log.ts";
import { type PrivateRedis, startRedis } from "../support/redis.ts";
import { waitUntil } from "../support/wait-until.ts";

let redis: PrivateRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

function open(log: RecordedLog = createRecordedLog(), path = redis.socketPath): BullWakeUps {
  return createBullWakeUps({ redis: path, clock: createSystemClock(), log });
}

async function inspect<T>(look: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.socketPath);
  try {
    return await look(client);
  } finally {
    client.disconnect();
  }
}

wakeUpsContract("Bull", async () => {
  await inspect((client) => client.flushall());
  const wakeUps = open();
  return { wakeUps, cleanUp: () => wakeUps.close() };
});

describe("Bull's wake-ups", () => {
  it("leave nothing in Redis but the lane's generation", async () => {
    await inspect((client) => client.flushall());
    const wakeUps = open();
    let runs = 0;
    await wakeUps.listen(() => {
      runs += 1;
      return Promise.resolve();
    });
    for (let i = 0; i < 20; i++) await wakeUps.wake("decision", String(i));
    await waitUntil("all ran", () => runs === 20);
    await wakeUps.close();
    const keys = await inspect((client) => client.keys("*"));
    const jobs = keys.filter((key) => key.includes("#"));
    expect(jobs).toEqual([]);
    expect(keys.filter((key) => key.startsWith("skep:generation:decision:"))).toHaveLength(20);
  });

  it("reach the listener of another process", async () => {
    await inspect((client) => client.flushall());
    const [sender, receiver] = [open(), open()];
    const seen: string[] = [];
    await receiver.listen((kind, lane) => {
      seen.push(`${kind} ${lane}`);
      return Promise.resolve();
    });
    await sender.wake("decision", "1");
    await waitUntil("it arrived", () => seen.length === 1);
    await Promise.all([sender.close(), receiver.close()]);
  });

  it("say clearly that Redis is not there", async () => {
    const wakeUps = open(createRecordedLog(), "/nonexistent/redis.sock");
    await expect(wakeUps.ping()).rejects.toMatchObject({ code: "redis_unavailable" });
    await expect(wakeUps.listen(() => Promise.resolve())).rejects.toMatchObject({
      code: "redis_unavailable",
      message: "connecting to Redis: connect ENOENT /nonexistent/redis.sock",
    });
    await wakeUps.wake("decision", "1");
    await wakeUps.close();
  });

  it("close in time when Redis has gone", async () => {
    const own = await startRedis();
    const wakeUps = open(createRecordedLog(), own.socketPath);
    let runs = 0;
    await wakeUps.listen(() => {
      runs += 1;
      return Promise.resolve();
    });
    await wakeUps.wake("decision", "1");
    await waitUntil("it listens", () => runs === 1);
    await own.stop();
    const started = performance.now();
    await wakeUps.close();
    expect(performance.now() - started).toBeLessThan(6_000);
  });
});

import Bull from "bull";
import { z } from "zod";
import { toSkepError } from "../errors.ts";
import { type Coalescer, createCoalescer } from "./coalescer.ts";
import type { LaneKind, WakeUps } from "./ports.ts";
import {
  connectRedis,
  type RedisAccess,
  type RedisConnections,
  redisUnavailable,
  waitForRedis,
  within,
} from "./redis-connections.ts";
import { createRetries } from "./retries.ts";
import { createSharedSends } from "./shared-sends.ts";

/** What wake-ups by Bull need. */
export interface BullWakeUpsDeps extends RedisAccess {
  /** Listeners that may run at once, for each kind of lane; 32 unless told. */
  readonly concurrency?: number;
}

/** Wake-ups by Bull. */
export interface BullWakeUps extends WakeUps {
  /** Resolves when Redis answers for the first time; throws `redis_unavailable` with the cause after five seconds. */
  connected(): Promise<void>;
  /** Throws `redis_unavailable` when Redis does not answer within two seconds. */
  ping(): Promise<void>;
}

const KINDS: readonly LaneKind[] = ["decision", "deployment"];
const job = z.object({ lane: z.string() });
type Job = z.infer<typeof job>;

const COMMAND_TIMEOUT_MS = 2_000;
const CLOSE_TIMEOUT_MS = 2_000;
const DEFAULT_CONCURRENCY = 32;
const GENERATION_TTL_S = 7 * 86_400;

const SETTINGS: Bull.AdvancedSettings = {
  lockDuration: 60_000,
  stalledInterval: 15_000,
  // A stalled job that runs again does no harm: it only says that a lane should be looked at.
  maxStalledCount: 1_000,
  retryProcessDelay: 500,
};

/**
 * Wake-ups as Bull jobs. A job's id is the lane and its generation, so that at most one waits for each lane; the
 * generation moves on when a listener starts, so that a wake-up meanwhile becomes a job of its own.
 */
export function createBullWakeUps(deps: BullWakeUpsDeps): BullWakeUps {
  const connections = connectRedis(deps);
  const queues = new Map(KINDS.map((kind) => [kind, openQueue(kind, connections)]));
  const shared = createSharedSends(send);
  const retries = createRetries({ clock: deps.clock, send: shared });
  let coalescer: Coalescer | null = null;

  async function send(kind: LaneKind, lane: string): Promise<void> {
    const { client } = connections;
    // While Redis is away, commands would pile up in the client.
    if (connections.isLost()) throw redisUnavailable("it does not answer");
    const generation = (await client.get(generationKey(kind, lane))) ?? "0";
    const options = { jobId: `${lane}#${generation}`, removeOnComplete: true, removeOnFail: true };
    await queues.get(kind)?.add({ lane }, options);
  }

  async function take(kind: LaneKind, data: unknown): Promise<void> {
    const { lane } = job.parse(data);
    const key = generationKey(kind, lane);
    await connections.client.multi().incr(key).expire(key, GENERATION_TTL_S).exec();
    await coalescer?.run(kind, lane);
  }

  return {
    async wake(kind, lane) {
      try {
        await within(shared(kind, lane), deps.clock.deadline(COMMAND_TIMEOUT_MS));
      } catch {
        retries.add(kind, lane);
      }
    },
    connected: () => waitForRedis(deps, connections.client),
    async ping() {
      if (connections.isLost()) throw redisUnavailable("it does not answer");
      await within(connections.client.ping(), deps.clock.deadline(COMMAND_TIMEOUT_MS));
    },
    async listen(listener) {
      await waitForRedis(deps, connections.client);
      coalescer = createCoalescer(listener, (kind, lane, error) => {
        deps.log.error({ err: toSkepError(error), kind, lane }, "working on a lane");
      });
      for (const [kind, queue] of queues) {
        const concurrency = deps.concurrency ?? DEFAULT_CONCURRENCY;
        // It ends only when the queue closes.
        void queue.process(concurrency, (taken) => take(kind, taken.data)).catch(() => undefined);
      }
    },
    async close() {
      retries.stop();
      const stopped = coalescer?.stop();
      const all = [...queues.values()];
      if (!connections.isLost()) await settle(all.map((queue) => queue.pause(true, true)));
      await stopped;
      connections.prepareClose();
      await settle(all.map((queue) => queue.close(true)));
      connections.close();
    },
  };

  async function settle(ends: readonly Promise<void>[]): Promise<void> {
    const deadline = deps.clock.deadline(CLOSE_TIMEOUT_MS);
    await within(Promise.allSettled(ends), deadline).catch(() => undefined);
  }
}

function generationKey(kind: LaneKind, lane: string): string {
  return `skep:generation:${kind}:${lane}`;
}

function openQueue(kind: LaneKind, connections: RedisConnections): Bull.Queue<Job> {
  const queue = new Bull<Job>(kind, {
    prefix: "skep",
    settings: SETTINGS,
    createClient: (type) => {
      if (type === "client") return connections.client;
      if (type === "subscriber") return connections.subscriber;
      return connections.another();
    },
  });
  queue.on("error", () => undefined);
  return queue;
}

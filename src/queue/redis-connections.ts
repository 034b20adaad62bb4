import { Redis } from "ioredis";
import type { Clock } from "../clock.ts";
import { SkepError } from "../errors.ts";
import type { Logger } from "../logger.ts";

/** What the connections need. */
export interface RedisAccess {
  /** A `redis://` or `rediss://` URL, or the path of a Unix socket. */
  readonly redis: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const START_TIMEOUT_MS = 5_000;

/** The connections of one queue client, which come back by themselves. */
export interface RedisConnections {
  readonly client: Redis;
  readonly subscriber: Redis;
  /** One more connection, for a blocking read. */
  readonly another: () => Redis;
  readonly isLost: () => boolean;
  /** From now on, commands for a Redis that is away fail at once instead of waiting for it. */
  readonly prepareClose: () => void;
  readonly close: () => void;
}

/** Opens the connections; nothing is sent yet, and nothing thrown. */
export function connectRedis(deps: RedisAccess): RedisConnections {
  const all: Redis[] = [];
  let isLost = false;

  function another(): Redis {
    const client = new Redis(deps.redis, {
      maxRetriesPerRequest: null,
      enableReadyCheck: false,
      retryStrategy: (times) => Math.min(times * 50, 1_000),
    });
    client.on("error", () => undefined);
    all.push(client);
    return client;
  }

  const client = another();
  client.on("close", () => {
    if (!isLost) deps.log.warn({}, "connection to Redis lost");
    isLost = true;
  });
  client.on("ready", () => {
    if (isLost) deps.log.info({}, "connection to Redis is back");
    isLost = false;
  });
  return {
    client,
    subscriber: another(),
    another,
    isLost: () => isLost,
    prepareClose: () => {
      for (const { options } of all) {
        options.retryStrategy = () => null;
        if (isLost) options.enableOfflineQueue = false;
      }
    },
    close: () => {
      client.removeAllListeners("close");
      for (const each of all) each.disconnect();
    },
  };
}

/** Resolves when Redis answers; throws `redis_unavailable` with the cause after five seconds. */
export async function waitForRedis(deps: RedisAccess, client: Redis): Promise<void> {
  let last = "no answer";
  const onError = (error: Error): void => {
    last = error.message;
  };
  client.on("error", onError);
  try {
    await within(client.ping(), deps.clock.deadline(START_TIMEOUT_MS));
  } catch (error) {
    throw redisUnavailable(
      error instanceof Error && error.name === "ReplyError" ? error.message : last,
    );
  } finally {
    client.off("error", onError);
  }
}

/** Redis cannot be used now. */
export function redisUnavailable(cause: string): SkepError {
  return new SkepError("redis_unavailable", `connecting to Redis: ${cause}`, {
    retryable: true,
    nextStep: "Check REDIS_URL and that the server runs; without REDIS_URL, Skep starts its own.",
  });
}

/** The promise's outcome, or `redis_unavailable` when the deadline comes first. */
export function within<T>(promise: Promise<T>, deadline: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(redisUnavailable("no answer in time"));
    deadline.addEventListener("abort", late, { once: true });
    promise.then(resolve, reject).finally(() => deadline.removeEventListener("abort", late));
  });
}

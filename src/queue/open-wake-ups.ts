import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createBullWakeUps } from "./bull-wake-ups.ts";
import type { WakeUps } from "./ports.ts";
import { startRedis } from "./redis-child.ts";

/** Wake-ups that can say whether their Redis answers. */
export interface OpenWakeUps extends WakeUps {
  /** Throws `redis_unavailable` when Redis does not answer within two seconds. */
  ping(): Promise<void>;
}

/**
 * Wake-ups over the given Redis, else over a private one under the data folder that ends with them. Throws
 * `redis_unavailable`, with what to do, when there is none.
 */
export async function openWakeUps(deps: {
  readonly redisUrl: string | null;
  /** Skep's data folder. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<OpenWakeUps> {
  const { redisUrl, clock, log } = deps;
  const child =
    redisUrl === null ? await startRedis({ dir: join(deps.dir, "redis"), clock, log }) : null;
  const wakeUps = createBullWakeUps({ redis: redisUrl ?? child?.socketPath ?? "", clock, log });
  const close = async (): Promise<void> => {
    await wakeUps.close();
    await child?.close();
  };
  try {
    await wakeUps.connected();
  } catch (error) {
    await close();
    throw error;
  }
  return { ...wakeUps, close };
}

import type { Clock } from "../clock.ts";
import { toSkepError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { LogArchive } from "../logs/ports.ts";
import type { Inbox } from "../store/ports.ts";

const DAY_MS = 24 * 60 * 60_000;
/** GitHub redelivers within three days; what a payload asked for stays in its intents. */
const PAYLOAD_DAYS = 7;

/**
 * Deletes logs that are older than `logDays` and empties payloads that were decided long ago: at the start and then
 * once a day, until the signal aborts.
 */
export async function keepHouse(options: {
  readonly inbox: Pick<Inbox, "forgetPayloads">;
  readonly logs: Pick<LogArchive, "prune">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly logDays: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { inbox, logs, clock, log, signal } = options;
  while (!signal.aborted) {
    try {
      const payloads = await inbox.forgetPayloads(clock.now() - PAYLOAD_DAYS * DAY_MS);
      const deployments = await logs.prune(clock.now() - options.logDays * DAY_MS);
      if (payloads + deployments > 0) log.info({ payloads, logs: deployments }, "old data deleted");
    } catch (thrown) {
      log.error({ err: toSkepError(thrown) }, "deleting old data");
    }
    await clock.sleep(DAY_MS, signal).catch(() => undefined);
  }
}

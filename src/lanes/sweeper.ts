import type { Clock } from "../clock.ts";
import { toSkepError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Store } from "../store/ports.ts";

/**
 * Finds what a lost wake-up left: deliveries without an outcome, queued deployments, and running ones whose lease
 * has run out. Looks once at the start and then every `everyMs` milliseconds until the signal aborts.
 */
export async function sweep(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly everyMs: number;
  readonly wakeDecision: (repositoryId: number | null) => void;
  readonly wakeDeployment: (lane: string) => void;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { store, clock, signal } = options;
  while (!signal.aborted) {
    try {
      for (const repositoryId of await store.inbox.pending()) options.wakeDecision(repositoryId);
      for (const lane of await store.deployments.lanesWithWork(clock.now()))
        options.wakeDeployment(lane);
      await clock.sleep(options.everyMs, signal);
    } catch (thrown) {
      if (signal.aborted) return;
      options.log.error({ err: toSkepError(thrown) }, "sweeping");
      await clock.sleep(options.everyMs, signal).catch(() => undefined);
    }
  }
}

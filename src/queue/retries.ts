import type { Clock } from "../clock.ts";
import type { LaneKind } from "./ports.ts";

/** Wake-ups that could not be sent, sent again until it works. */
export interface Retries {
  add(kind: LaneKind, lane: string): void;
  /** Forgets what is left. */
  stop(): void;
}

const RETRY_MS = 250;

/** Keeps at most one wake-up for each lane. */
export function createRetries(deps: {
  readonly clock: Clock;
  readonly send: (kind: LaneKind, lane: string) => Promise<void>;
}): Retries {
  const left = new Map<string, { readonly kind: LaneKind; readonly lane: string }>();
  const stopping = new AbortController();
  let isRunning = false;

  async function run(): Promise<void> {
    while (left.size > 0) {
      await deps.clock.sleep(RETRY_MS, stopping.signal);
      for (const [key, { kind, lane }] of left) {
        await deps.send(kind, lane);
        left.delete(key);
      }
    }
  }

  async function keepRunning(): Promise<void> {
    isRunning = true;
    while (left.size > 0 && !stopping.signal.aborted) await run().catch(() => undefined);
    isRunning = false;
  }

  return {
    add(kind, lane) {
      left.set(`${kind} ${lane}`, { kind, lane });
      if (!isRunning) void keepRunning();
    },
    stop: () => stopping.abort(),
  };
}

import { setTimeout as delay } from "node:timers/promises";

/** Time as the engine sees it. Passed in, so that everything also runs in simulated time. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Aborts after `ms` milliseconds with a `TimeoutError`, for calls to the outside that need a deadline. */
  deadline(ms: number): AbortSignal;
}

/** The wall clock. Its sleeps do not keep the process alive on their own. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      await delay(ms, undefined, { ref: false, ...(signal ? { signal } : {}) });
    },
    deadline: (ms) => AbortSignal.timeout(ms),
  };
}

import type { Clock } from "../../src/clock.ts";

/** A clock that stands still until it is told how far to go. */
export interface SimulatedClock extends Clock {
  /** Moves time on and wakes every sleeper and deadline that is due, in order. */
  advance(ms: number): void;
  /** When the next sleeper or deadline is due; null when nobody waits. */
  nextAt(): number | null;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Simulated time for tests, starting at `start` milliseconds since the epoch. */
export function createSimulatedClock(start = Date.UTC(2026, 0, 5, 12, 0, 0)): SimulatedClock {
  let now = start;
  const timers = new Set<Timer>();

  function add(ms: number, fire: () => void): () => void {
    const timer = { at: now + ms, fire };
    timers.add(timer);
    return () => void timers.delete(timer);
  }
  function next(): Timer | undefined {
    return [...timers].toSorted((a, b) => a.at - b.at)[0];
  }

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const cancel = add(ms, () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        });
        function abort(): void {
          cancel();
          reject(signal?.reason as Error);
        }
        signal?.addEventListener("abort", abort, { once: true });
      }),
    deadline(ms) {
      const controller = new AbortController();
      add(ms, () => controller.abort(new DOMException("the deadline has passed", "TimeoutError")));
      return controller.signal;
    },
    advance(ms) {
      const until = now + ms;
      for (let timer = next(); timer && timer.at <= until; timer = next()) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.fire();
      }
      now = until;
    },
    nextAt: () => next()?.at ?? null,
  };
}

import type { Clock } from "../clock.ts";

/** Bounds how often something may be tried. */
export interface AttemptLimit {
  /** Takes one attempt; returns 0, or how many milliseconds to wait when there is none left. */
  take(key: string): number;
}

const MAX_KEYS = 10_000;

/** Allows `burst` attempts per key at once, and one more for each `refillMs` that pass. */
export function createAttemptLimit(deps: {
  readonly clock: Clock;
  readonly burst: number;
  readonly refillMs: number;
}): AttemptLimit {
  const { clock, burst, refillMs } = deps;
  /** When the last of a key's attempts will be given back. */
  const fullAt = new Map<string, number>();
  return {
    take(key) {
      const now = clock.now();
      const until = Math.max(now, fullAt.get(key) ?? now) + refillMs;
      const wait = until - now - burst * refillMs;
      if (wait > 0) return wait;
      fullAt.delete(key);
      if (fullAt.size >= MAX_KEYS)
        for (const [known, at] of fullAt) if (at <= now) fullAt.delete(known);
      const oldest = fullAt.keys().next();
      if (fullAt.size >= MAX_KEYS && !oldest.done) fullAt.delete(oldest.value);
      fullAt.set(key, until);
      return 0;
    },
  };
}

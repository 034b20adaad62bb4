import type { LaneKind } from "./ports.ts";

/** Runs a listener at most once at a time for each lane; wake-ups meanwhile become one more run. */
export interface Coalescer {
  /** Resolves when the run it began has ended; at once when the lane was running already. */
  run(kind: LaneKind, lane: string): Promise<void>;
  /** Begins no more runs; resolves when none is left. */
  stop(): Promise<void>;
}

/** Makes a coalescer; what the listener throws goes to `onError`. */
export function createCoalescer(
  listener: (kind: LaneKind, lane: string) => Promise<void>,
  onError: (kind: LaneKind, lane: string, error: unknown) => void,
): Coalescer {
  const running = new Map<string, { isWanted: boolean; readonly ended: Promise<void> }>();
  let isStopped = false;

  async function repeat(key: string, kind: LaneKind, lane: string): Promise<void> {
    do {
      const entry = running.get(key);
      if (entry) entry.isWanted = false;
      try {
        await listener(kind, lane);
      } catch (error) {
        onError(kind, lane, error);
      }
    } while (running.get(key)?.isWanted === true && !isStopped);
    running.delete(key);
  }

  return {
    async run(kind, lane) {
      if (isStopped) return;
      const key = `${kind} ${lane}`;
      const current = running.get(key);
      if (current) {
        current.isWanted = true;
        return;
      }
      // The listener starts in a later turn, when the entry below is there.
      const ended = Promise.resolve().then(() => repeat(key, kind, lane));
      running.set(key, { isWanted: false, ended });
      await ended;
    },
    async stop() {
      isStopped = true;
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}

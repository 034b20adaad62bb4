/** Runs the work of many lanes: one lane at a time never overlaps itself, and at most `concurrency` run at once. */
export interface Lanes {
  /** Asks that the lane be worked on; when it is being worked on already, it is looked at once more afterwards. */
  wake(lane: string): void;
  /** Whether the lane is being worked on, so that `wake` only makes it look once more. */
  isWorking(lane: string): boolean;
  /** Resolves when no lane is being worked on. */
  idle(): Promise<void>;
}

/** Makes lanes whose work is `work`; what it throws goes to `onError`. */
export function createLanes(options: {
  readonly concurrency: number;
  readonly work: (lane: string) => Promise<void>;
  readonly onError: (lane: string, error: unknown) => void;
}): Lanes {
  const waiting = new Set<string>();
  const working = new Map<string, Promise<void>>();

  function startNext(): void {
    for (const lane of waiting) {
      if (working.size >= options.concurrency) return;
      if (working.has(lane)) continue;
      waiting.delete(lane);
      working.set(lane, run(lane));
    }
  }

  async function run(lane: string): Promise<void> {
    try {
      await options.work(lane);
    } catch (error) {
      options.onError(lane, error);
    } finally {
      working.delete(lane);
      startNext();
    }
  }

  return {
    wake(lane) {
      waiting.add(lane);
      startNext();
    },
    isWorking: (lane) => working.has(lane),
    async idle() {
      waiting.clear();
      await Promise.all(working.values());
    },
  };
}

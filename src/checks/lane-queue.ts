/** Runs tasks: those of one lane one after the other, those of different lanes side by side. */
export interface LaneQueue {
  /** Takes a task, which must not reject. */
  push(lane: string, task: () => Promise<void>): void;
  /** Resolves when no task waits or runs. */
  idle(): Promise<void>;
}

/** A queue that runs at most `limit` tasks at a time. */
export function createLaneQueue(limit: number): LaneQueue {
  const waiting: { readonly lane: string; readonly task: () => Promise<void> }[] = [];
  const busy = new Set<string>();
  let idlers: (() => void)[] = [];

  function runNext(): void {
    while (busy.size < limit) {
      const position = waiting.findIndex(({ lane }) => !busy.has(lane));
      const [next] = position < 0 ? [] : waiting.splice(position, 1);
      if (!next) break;
      busy.add(next.lane);
      void next.task().finally(() => {
        busy.delete(next.lane);
        runNext();
      });
    }
    if (busy.size > 0 || waiting.length > 0) return;
    for (const resolve of idlers) resolve();
    idlers = [];
  }

  return {
    push(lane, task) {
      waiting.push({ lane, task });
      runNext();
    },
    idle: () =>
      busy.size === 0 && waiting.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => idlers.push(resolve)),
  };
}

import { untilAborted } from "./until-aborted.ts";

/** Lets work on the same key happen one after the other: the same content is not built twice side by side. */
export interface BuildTurns {
  /** Waits for those before, telling so once, and then works; rejects with the signal's reason when it aborts first. */
  take<T>(turn: BuildTurn, work: () => Promise<T>): Promise<T>;
}

/** Whose turn it is for. */
export interface BuildTurn {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onWait: () => void;
}

/** The turns of one process. */
export function createBuildTurns(): BuildTurns {
  const last = new Map<string, Promise<unknown>>();
  return {
    async take({ key, signal, onWait }, work) {
      const before = last.get(key);
      const own = Promise.withResolvers<void>();
      const upToHere = Promise.all([before, own.promise]);
      last.set(key, upToHere);
      try {
        if (before !== undefined) {
          onWait();
          await untilAborted(before, signal);
        }
        return await work();
      } finally {
        own.resolve();
        if (last.get(key) === upToHere) last.delete(key);
      }
    },
  };
}

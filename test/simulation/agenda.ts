import type { Clock } from "../../src/clock.ts";

/** What the world around the engine has still to do. */
export interface Agenda {
  /** Lets something happen in `ms` milliseconds. */
  later(ms: number, happen: () => void): void;
  isEmpty(): boolean;
}

/** An agenda in simulated time. */
export function createAgenda(clock: Clock): Agenda {
  let entries = 0;
  return {
    later(ms, happen) {
      entries += 1;
      void clock.sleep(ms).then(() => {
        entries -= 1;
        happen();
      });
    },
    isEmpty: () => entries === 0,
  };
}

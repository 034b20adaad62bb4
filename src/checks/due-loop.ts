import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";

/** What may become due, as the store keeps it. */
export interface DueSource<T> {
  /** What is due now, oldest first; each is reserved for `reserveMs`. */
  take(request: {
    readonly now: number;
    readonly limit: number;
    readonly reserveMs: number;
  }): Promise<readonly T[]>;
  /** When the next one is due, in milliseconds since the epoch; null when none is. */
  nextDueAt(): Promise<number | null>;
}

/** Hands out what is due, for as long as it is open. */
export interface DueLoop {
  start(): void;
  /** Asks it to look now. */
  kick(): void;
  /** Resolves when it has stopped looking. */
  close(): Promise<void>;
}

const BATCH = 50;
/** What was taken and not finished by anybody is handed out again after this. */
const RESERVE_MS = 5_000;
const LONGEST_SLEEP_MS = 5_000;
const SHORTEST_SLEEP_MS = 20;

/** Gives all that is due to `each`, sleeping until more is due or somebody kicks; goes on when the store fails. */
export function createDueLoop<T>(deps: {
  readonly clock: Clock;
  readonly log: Logger;
  readonly source: DueSource<T>;
  readonly each: (item: T) => Promise<void> | void;
}): DueLoop {
  const { clock, log, source } = deps;
  let isClosing = false;
  let wake = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  async function sleep(ms: number): Promise<void> {
    try {
      await clock.sleep(ms, wake.signal);
    } catch {
      wake = new AbortController();
    }
  }

  async function lookOnce(): Promise<number> {
    const request = { now: clock.now(), limit: BATCH, reserveMs: RESERVE_MS };
    for (const item of await source.take(request)) await deps.each(item);
    const dueAt = (await source.nextDueAt()) ?? Number.POSITIVE_INFINITY;
    return Math.min(Math.max(dueAt - clock.now(), SHORTEST_SLEEP_MS), LONGEST_SLEEP_MS);
  }

  async function run(): Promise<void> {
    while (!isClosing) {
      const ms = await lookOnce().catch((thrown: unknown) => {
        log.error({ err: thrown }, "reading what is to be reported broke off");
        return LONGEST_SLEEP_MS;
      });
      await sleep(ms);
    }
  }

  return {
    start() {
      loop = run();
    },
    kick: () => wake.abort(),
    async close() {
      isClosing = true;
      wake.abort();
      await loop;
    },
  };
}

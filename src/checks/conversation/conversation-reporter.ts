import { isFinal } from "../../deployment.ts";
import { toSkepError } from "../../errors.ts";
import type { ConversationKey } from "../../store/conversation.ts";
import type { Store } from "../../store/ports.ts";
import { createLaneQueue, type LaneQueue } from "../lane-queue.ts";
import { acknowledge, converge, postpone, type ConvergeDeps } from "./converge.ts";
import { createReportKeeper, nameOf } from "./report-keeper.ts";

/** Keeps pull requests equal to what came of the commands on them. */
export interface ConversationReporter {
  start(): void;
  /** Asks it to look now: a comment was seen, or answered. */
  kick(): void;
  /** Begins nothing new; resolves when what was begun has ended. What is left stays in the store. */
  close(): Promise<void>;
}

/** What it works with. `budgets` are shared with all else that writes to GitHub. */
export type ConversationReporterDeps = Omit<ConvergeDeps, "isClosing" | "reports" | "store"> & {
  readonly store: Pick<Store, "conversations" | "catalog" | "deployments" | "onTransition">;
};

const PARALLEL_ACKNOWLEDGEMENTS = 16;
const PARALLEL_REPORTS = 4;
const BATCH = 50;
/** A taken conversation that nobody finished is handed out again after this. */
const RESERVE_MS = 5_000;
const LONGEST_SLEEP_MS = 5_000;
const SHORTEST_SLEEP_MS = 20;

/**
 * Level-triggered, like the reporter of deployments. That a comment was seen is told apart from everything else, so
 * that it never waits behind a slow report.
 */
export function createConversationReporter(deps: ConversationReporterDeps): ConversationReporter {
  const { store, clock, log } = deps;
  const reports = createReportKeeper(store.conversations);
  const acknowledgements = createLaneQueue(PARALLEL_ACKNOWLEDGEMENTS);
  const answers = createLaneQueue(PARALLEL_REPORTS);
  const convergeDeps: ConvergeDeps = { ...deps, reports, isClosing: () => closing };
  let closing = false;
  let wake = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  let unsubscribe: () => void = () => undefined;

  function kick(): void {
    wake.abort();
  }

  /** Queues work on a conversation; what is queued there already covers what came since. */
  function createTurn(queue: LaneQueue, work: (key: ConversationKey) => Promise<void>) {
    const queued = new Set<string>();
    return (key: ConversationKey): void => {
      const name = nameOf(key);
      if (closing || queued.has(name)) return;
      queued.add(name);
      queue.push(name, async () => {
        queued.delete(name);
        try {
          await work(key);
        } catch (thrown) {
          log.error({ ...key, err: thrown }, "answering on a pull request broke off");
          await postpone(convergeDeps, key, toSkepError(thrown)).catch(() => undefined);
        }
      });
    };
  }

  const answer = createTurn(answers, async (key) => {
    await converge(convergeDeps, key);
    kick();
  });
  const hear = createTurn(acknowledgements, async (key) => {
    await acknowledge(convergeDeps, key);
    answer(key);
  });

  async function sleepUntilDue(): Promise<void> {
    const dueAt = (await store.conversations.nextDueAt()) ?? Number.POSITIVE_INFINITY;
    const ms = Math.min(Math.max(dueAt - clock.now(), SHORTEST_SLEEP_MS), LONGEST_SLEEP_MS);
    try {
      await clock.sleep(ms, wake.signal);
    } catch {
      wake = new AbortController();
    }
  }

  async function run(): Promise<void> {
    while (!closing) {
      try {
        const request = { now: clock.now(), limit: BATCH, reserveMs: RESERVE_MS };
        for (const key of await store.conversations.take(request)) hear(key);
        await sleepUntilDue();
      } catch (thrown) {
        log.error({ err: thrown }, "reading the conversations broke off");
        await clock.sleep(LONGEST_SLEEP_MS, wake.signal).catch(() => undefined);
      }
    }
  }

  return {
    start() {
      unsubscribe = store.onTransition(({ to }) => {
        if (isFinal(to)) kick();
      });
      loop = run();
    },
    kick,
    async close() {
      closing = true;
      unsubscribe();
      kick();
      await loop;
      await acknowledgements.idle();
      await answers.idle();
    },
  };
}

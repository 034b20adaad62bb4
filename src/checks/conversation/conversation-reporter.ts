import { isFinal } from "../../deployment.ts";
import { toSkepError } from "../../errors.ts";
import type { ConversationKey } from "../../store/conversation.ts";
import type { Store } from "../../store/ports.ts";
import { createDueLoop } from "../due-loop.ts";
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
  let unsubscribe: () => void = () => undefined;

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
    loop.kick();
  });
  const hear = createTurn(acknowledgements, async (key) => {
    await acknowledge(convergeDeps, key);
    answer(key);
  });
  const loop = createDueLoop({ clock, log, source: store.conversations, each: hear });

  return {
    start() {
      unsubscribe = store.onTransition(({ to }) => {
        if (isFinal(to)) loop.kick();
      });
      loop.start();
    },
    kick: () => loop.kick(),
    async close() {
      closing = true;
      unsubscribe();
      await loop.close();
      await acknowledgements.idle();
      await answers.idle();
    },
  };
}

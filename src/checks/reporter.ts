import type { Clock } from "../clock.ts";
import { toSkepError } from "../errors.ts";
import type { Faults } from "../faults.ts";
import type { Logger } from "../logger.ts";
import type { Store } from "../store/ports.ts";
import { converge, postpone } from "./converge.ts";
import { createInstallationBudgets, type InstallationBudgets } from "./installation-budgets.ts";
import { createLaneQueue } from "./lane-queue.ts";
import type { GitHub } from "./ports.ts";

/** Keeps GitHub equal to the store. */
export interface Reporter {
  start(): void;
  /** Asks it to look at the outbox now. */
  kick(): void;
  /** Begins nothing new; resolves when what was begun has ended. What is left stays in the outbox. */
  close(): Promise<void>;
}

/** What the reporter works with. */
export interface ReporterDeps {
  readonly store: Store;
  readonly github: GitHub;
  /** Shared with all else that writes to GitHub; its own when it writes alone. */
  readonly budgets?: InstallationBudgets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly faults: Faults;
  /** Where Skep's own pages are, without a slash at the end. */
  readonly baseUrl: string;
}

const PARALLEL = 8;
const BATCH = 50;
/** A taken report that nobody finished is handed out again after this. */
const RESERVE_MS = 5_000;
const LONGEST_SLEEP_MS = 5_000;
const SHORTEST_SLEEP_MS = 20;

/**
 * Level-triggered: whatever wakes it, it compares what GitHub should show with what was last sent and sends the
 * difference. Deployments of one lane are reported in turn, lanes side by side.
 */
export function createReporter(deps: ReporterDeps): Reporter {
  const { store, clock, log } = deps;
  const budgets = deps.budgets ?? createInstallationBudgets(clock);
  const queue = createLaneQueue(PARALLEL);
  const waiting = new Set<string>();
  let closing = false;
  let wake = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  let unsubscribe: () => void = () => undefined;

  function kick(): void {
    wake.abort();
  }

  async function report(deploymentId: string): Promise<void> {
    waiting.delete(deploymentId);
    const convergeDeps = { ...deps, budgets, isClosing: () => closing };
    try {
      await converge(convergeDeps, deploymentId);
    } catch (thrown) {
      log.error({ deploymentId, err: thrown }, "reporting to GitHub broke off");
      await postpone(convergeDeps, deploymentId, toSkepError(thrown)).catch(() => undefined);
    }
    kick();
  }

  async function enqueue(deploymentId: string): Promise<void> {
    if (closing || waiting.has(deploymentId)) return;
    waiting.add(deploymentId);
    try {
      const deployment = await store.deployments.get(deploymentId);
      if (deployment === null || closing) waiting.delete(deploymentId);
      else queue.push(deployment.lane, () => report(deploymentId));
    } catch (thrown) {
      waiting.delete(deploymentId);
      throw thrown;
    }
  }

  /** A transition is reported at once, unless GitHub is failing: then the schedule holds. */
  async function onTransition(deploymentId: string): Promise<void> {
    try {
      const { attempts } = await store.outbox.get(deploymentId);
      if (attempts === 0) await enqueue(deploymentId);
    } catch (thrown) {
      log.error({ deploymentId, err: thrown }, "reading the outbox broke off");
    }
  }

  async function sleepUntilDue(): Promise<void> {
    const dueAt = (await store.outbox.nextDueAt()) ?? Number.POSITIVE_INFINITY;
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
        for (const { deploymentId } of await store.outbox.take(request)) {
          await enqueue(deploymentId);
        }
        await sleepUntilDue();
      } catch (thrown) {
        log.error({ err: thrown }, "reading the outbox broke off");
        await clock.sleep(LONGEST_SLEEP_MS, wake.signal).catch(() => undefined);
      }
    }
  }

  return {
    start() {
      unsubscribe = store.onTransition(({ deploymentId }) => void onTransition(deploymentId));
      loop = run();
    },
    kick,
    async close() {
      closing = true;
      unsubscribe();
      kick();
      await loop;
      await queue.idle();
    },
  };
}

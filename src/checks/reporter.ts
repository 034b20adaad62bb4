import type { Clock } from "../clock.ts";
import { toSkepError } from "../errors.ts";
import type { Faults } from "../faults.ts";
import type { Logger } from "../logger.ts";
import type { Report, Store } from "../store/ports.ts";
import { converge, postpone } from "./converge.ts";
import { createDueLoop } from "./due-loop.ts";
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

/**
 * Level-triggered: whatever wakes it, it compares what GitHub should show with what was last sent and sends the
 * difference. Deployments of one lane are reported in turn, lanes side by side.
 */
export function createReporter(deps: ReporterDeps): Reporter {
  const { store, clock, log } = deps;
  const each = ({ deploymentId }: Report): Promise<void> => enqueue(deploymentId);
  const loop = createDueLoop({ clock, log, source: store.outbox, each });
  const budgets = deps.budgets ?? createInstallationBudgets(clock);
  const queue = createLaneQueue(PARALLEL);
  const waiting = new Set<string>();
  let closing = false;
  let unsubscribe: () => void = () => undefined;

  async function report(deploymentId: string): Promise<void> {
    waiting.delete(deploymentId);
    const convergeDeps = { ...deps, budgets, isClosing: () => closing };
    try {
      await converge(convergeDeps, deploymentId);
    } catch (thrown) {
      log.error({ deploymentId, err: thrown }, "reporting to GitHub broke off");
      await postpone(convergeDeps, deploymentId, toSkepError(thrown)).catch(() => undefined);
    }
    loop.kick();
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

  return {
    start() {
      unsubscribe = store.onTransition(({ deploymentId }) => void onTransition(deploymentId));
      loop.start();
    },
    kick: () => loop.kick(),
    async close() {
      closing = true;
      unsubscribe();
      await loop.close();
      await queue.idle();
    },
  };
}

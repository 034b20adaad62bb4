import type { Clock } from "../clock.ts";
import {
  pauseWrites,
  spendWrite,
  UNSPENT,
  waitForWrite,
  type Budget,
  type Urgency,
} from "./budget.ts";

/** The write budgets of all installations that this process reports for. */
export interface InstallationBudgets {
  /** Takes one write out of an installation's budget; false when it has to wait. */
  take(installationId: number, urgency: Urgency): boolean;
  /** Lets nothing through for `ms` milliseconds, because GitHub asked for it. */
  pause(installationId: number, ms: number): void;
}

/** Budgets in memory: after a restart GitHub's own answer stands in for what is forgotten. */
export function createInstallationBudgets(clock: Clock): InstallationBudgets {
  const budgets = new Map<number, Budget>();
  const of = (installationId: number): Budget => budgets.get(installationId) ?? UNSPENT;
  return {
    take(installationId, urgency) {
      const now = clock.now();
      if (waitForWrite(of(installationId), now, urgency) > 0) return false;
      budgets.set(installationId, spendWrite(of(installationId), now));
      return true;
    },
    pause(installationId, ms) {
      budgets.set(installationId, pauseWrites(of(installationId), clock.now() + ms));
    },
  };
}

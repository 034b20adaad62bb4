/** What an installation has written to GitHub lately, and until when GitHub asked it to pause. */
export interface Budget {
  /** When each write of the last hour was made, oldest first; milliseconds since the epoch. */
  readonly writes: readonly number[];
  readonly pausedUntil: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** What a write is for: telling somebody that he was heard, a beginning or an end, or an edit in between. */
export type Urgency = "acknowledgement" | "report" | "progress";

/**
 * GitHub's limits on requests that create content, exact over any minute and any hour: a bucket that is refilled
 * would let nearly twice as many through in the minute after a rest. What the less urgent may not touch is kept for the
 * more urgent.
 */
const WINDOWS = [
  { lengthMs: MINUTE_MS, limit: 80, kept: { acknowledgement: 0, report: 10, progress: 30 } },
  { lengthMs: HOUR_MS, limit: 500, kept: { acknowledgement: 0, report: 25, progress: 250 } },
] as const;

/** A budget of which nothing is spent. */
export const UNSPENT: Budget = { writes: [], pausedUntil: 0 };

/** How long the next write has to wait, in milliseconds; 0 when it may be made now. */
export function waitForWrite(budget: Budget, now: number, urgency: Urgency): number {
  const waits = WINDOWS.map(({ lengthMs, limit, kept }) => {
    const allowed = limit - kept[urgency];
    // The write that has to leave the window before one more fits in.
    const blocking = budget.writes.at(-allowed);
    return blocking === undefined ? 0 : blocking + lengthMs - now;
  });
  return Math.max(0, budget.pausedUntil - now, ...waits);
}

/** The budget after one more write. */
export function spendWrite(budget: Budget, now: number): Budget {
  const writes = budget.writes.filter((at) => at > now - HOUR_MS);
  return { ...budget, writes: [...writes, now] };
}

/** The budget after GitHub asked to pause; an earlier, longer pause stays. */
export function pauseWrites(budget: Budget, until: number): Budget {
  return { ...budget, pausedUntil: Math.max(budget.pausedUntil, until) };
}

const FIRST_MS = 3_000;
const LONGEST_MS = 300_000;

/**
 * How long to wait after the `attempts`-th failure in a row, in milliseconds: 3 s, doubled each time up to 5 minutes,
 * and never less than GitHub asked for. There is no last attempt: GitHub's outages end.
 */
export function retryDelay(attempts: number, askedMs: number): number {
  const doubled = FIRST_MS * 2 ** Math.min(Math.max(attempts, 1) - 1, 20);
  return Math.max(Math.min(doubled, LONGEST_MS), askedMs);
}

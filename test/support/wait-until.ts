import { setTimeout as delay } from "node:timers/promises";

/** Polls a condition until it holds; rejects, naming it, after the deadline (30 s if not given). */
export async function waitUntil(
  condition: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 30_000,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > end)
      throw new Error(`waiting until ${condition}: not so after ${deadlineMs} ms`);
    await delay(20);
  }
}

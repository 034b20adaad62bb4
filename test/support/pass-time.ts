import type { SimulatedClock } from "./simulated-clock.ts";

/** Lets everything happen that does not wait for time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Moves simulated time on, from one thing that waits to the next, until the promise is settled. */
export async function passTime<T>(clock: SimulatedClock, running: Promise<T>): Promise<T> {
  let isOver = false;
  const settled = running.finally(() => (isOver = true));
  settled.catch(() => undefined);
  for (;;) {
    await settle();
    if (isOver) return await settled;
    const nextAt = clock.nextAt();
    if (nextAt === null) throw new Error("nothing waits for time, and it is not over");
    clock.advance(nextAt - clock.now());
  }
}

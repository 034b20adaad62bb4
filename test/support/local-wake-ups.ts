import { createCoalescer } from "../../src/queue/coalescer.ts";
import type { LaneKind, WakeUps } from "../../src/queue/ports.ts";

/** Wake-ups in memory: the fake that `test/contracts/wake-ups.ts` holds to the same promises as the real ones. */
export function createLocalWakeUps(): WakeUps {
  const waiting = new Map<string, { readonly kind: LaneKind; readonly lane: string }>();
  let deliver: ((kind: LaneKind, lane: string) => void) | null = null;
  let stop = (): Promise<void> => Promise.resolve();

  return {
    wake(kind, lane) {
      if (deliver) deliver(kind, lane);
      else waiting.set(`${kind} ${lane}`, { kind, lane });
      return Promise.resolve();
    },
    listen(listener) {
      const coalescer = createCoalescer(listener, () => undefined);
      deliver = (kind, lane) => void coalescer.run(kind, lane);
      stop = () => coalescer.stop();
      for (const { kind, lane } of waiting.values()) deliver(kind, lane);
      waiting.clear();
      return Promise.resolve();
    },
    close: () => stop(),
  };
}

import type { Delivery } from "./state.ts";

/** What goes wrong with deliveries on the way; GitHub promises neither order nor that one arrives once or at all. */
export interface DeliveryMode {
  /** Only these events are touched; all when left out. */
  readonly events?: readonly string[];
  /** Each arrives twice, under the same GUID. */
  readonly duplicate?: boolean;
  /** Each arrives this much later, in milliseconds. */
  readonly lateMs?: number;
  /** What comes within this many milliseconds of the first is sent together, the last first. */
  readonly shuffleWithinMs?: number;
  /** None arrives; each is recorded as failed and can be delivered again. */
  readonly drop?: boolean;
}

/** Decides when a delivery is sent. */
export interface DeliverySchedule {
  readonly add: (delivery: Delivery) => void;
  readonly setMode: (mode: DeliveryMode) => void;
  readonly idle: () => Promise<void>;
  readonly close: () => void;
}

/** Creates the schedule; at first everything is sent at once. */
export function createDeliverySchedule(
  attempt: (delivery: Delivery) => Promise<void>,
): DeliverySchedule {
  let mode: DeliveryMode = {};
  let held: Delivery[] = [];
  const underWay = new Set<Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  let waiters: (() => void)[] = [];

  const settle = (): void => {
    if (underWay.size + timers.size > 0) return;
    for (const wake of waiters.splice(0)) wake();
  };
  const later = (ms: number, run: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
      settle();
    }, ms);
    timers.add(timer);
  };
  const track = (sending: Promise<void>): void => {
    const tracked = sending.finally(() => {
      underWay.delete(tracked);
      settle();
    });
    underWay.add(tracked);
  };
  const send = (delivery: Delivery): void => track(attempt(delivery));
  const sendInTurn = async (deliveries: readonly Delivery[]): Promise<void> => {
    // One arrives before the next is sent, or the network might put them in order again.
    for (const one of deliveries) await attempt(one);
  };
  const hold = (delivery: Delivery, ms: number): void => {
    held.push(delivery);
    if (held.length > 1) return;
    later(ms, () => {
      track(sendInTurn(held.toReversed()));
      held = [];
    });
  };
  const addTo = (delivery: Delivery): void => {
    if (mode.shuffleWithinMs !== undefined) hold(delivery, mode.shuffleWithinMs);
    else if (mode.lateMs !== undefined) later(mode.lateMs, () => send(delivery));
    else send(delivery);
  };
  return {
    add: (delivery) => {
      if (mode.events && !mode.events.includes(delivery.event)) return send(delivery);
      if (mode.drop) {
        Object.assign(delivery, { status: "failed to connect to host", statusCode: 502 });
        return;
      }
      addTo(delivery);
      if (mode.duplicate) addTo(delivery);
    },
    setMode: (next) => {
      mode = next;
    },
    idle: () => {
      if (underWay.size + timers.size === 0) return Promise.resolve();
      return new Promise((resolve) => waiters.push(resolve));
    },
    close: () => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      waiters.forEach((wake) => wake());
      waiters = [];
    },
  };
}

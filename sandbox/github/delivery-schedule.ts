import type { Delivery } from "./state.ts";

/** What goes wrong with deliveries on the way; GitHub promises neither order nor that one arrives once or at all. */
export interface DeliveryMode {
  /** Only these events are touched; all when left out. */
  readonly events?: readonly string[];
  /** Only these actions, such as `created`, are touched; all when left out. */
  readonly actions?: readonly string[];
  /** Only the next so many that match are touched; all when left out. */
  readonly times?: number;
  /** Each arrives twice, under the same GUID. */
  readonly duplicate?: boolean;
  /** Each arrives this much later, in milliseconds. */
  readonly lateMs?: number;
  /** What comes within this many milliseconds of the first is sent together, the last first. */
  readonly shuffleWithinMs?: number;
  /** None arrives; each is recorded as failed and can be delivered again. */
  readonly drop?: boolean;
  /** Each is kept back until the held ones are released. */
  readonly hold?: boolean;
}

/** In which order held deliveries arrive, one after the other. */
export interface HeldOrder {
  /** As they were sent by default. */
  readonly order?: "sent" | "reversed" | "shuffled";
  /** The same seed shuffles in the same way. */
  readonly seed?: number;
}

/** Decides when a delivery is sent. */
export interface DeliverySchedule {
  readonly add: (delivery: Delivery) => void;
  readonly setMode: (mode: DeliveryMode) => void;
  readonly mode: () => DeliveryMode;
  /** Sends at once, whatever the mode. */
  readonly send: (delivery: Delivery) => void;
  /** Sends what is held; returns how many these are. */
  readonly release: (order?: HeldOrder) => number;
  /** Resolves when nothing is waiting or under way; what is held does not count. */
  readonly idle: () => Promise<void>;
  readonly close: () => void;
}

/** Creates the schedule; at first everything is sent at once. */
export function createDeliverySchedule(
  attempt: (delivery: Delivery) => Promise<void>,
): DeliverySchedule {
  let mode: DeliveryMode = {};
  let touched = 0;
  let kept: Delivery[] = [];
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
  const isTouched = ({ event, action }: Delivery): boolean => {
    const isMeant =
      mode.events?.includes(event) !== false &&
      (mode.actions === undefined || mode.actions.includes(action ?? ""));
    if (!isMeant || touched >= (mode.times ?? Infinity)) return false;
    touched += 1;
    return true;
  };
  const addTo = (delivery: Delivery): void => {
    if (mode.hold) kept.push(delivery);
    else if (mode.shuffleWithinMs !== undefined) hold(delivery, mode.shuffleWithinMs);
    else if (mode.lateMs !== undefined) later(mode.lateMs, () => send(delivery));
    else send(delivery);
  };
  return {
    add: (delivery) => {
      if (!isTouched(delivery)) return send(delivery);
      if (mode.drop) {
        Object.assign(delivery, { status: "failed to connect to host", statusCode: 502 });
        return;
      }
      addTo(delivery);
      if (mode.duplicate) addTo(delivery);
    },
    setMode: (next) => {
      mode = next;
      touched = 0;
    },
    mode: () => mode,
    send,
    release: (order = {}) => {
      const count = kept.length;
      track(sendInTurn(arrange(kept, order)));
      kept = [];
      return count;
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

function arrange(
  deliveries: readonly Delivery[],
  { order = "sent", seed = 1 }: HeldOrder,
): readonly Delivery[] {
  if (order === "sent") return deliveries;
  if (order === "reversed") return deliveries.toReversed();
  const mixed = [...deliveries];
  let state = seed;
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    // A small generator of its own, so that a failing test can be run again.
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
    const other = (state >>> 8) % (last + 1);
    const [a, b] = [mixed[last], mixed[other]];
    if (a && b) [mixed[last], mixed[other]] = [b, a];
  }
  return mixed;
}

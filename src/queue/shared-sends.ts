import type { LaneKind } from "./ports.ts";

/** Sends a wake-up; rejects when that cannot be done now. */
export type Send = (kind: LaneKind, lane: string) => Promise<void>;

/**
 * Lets wake-ups of the same lane share a send: while one is under way, all that come share the next, which begins
 * after each of them was asked for. So a burst of webhooks costs Redis a few commands instead of a few for each.
 */
export function createSharedSends(send: Send): Send {
  const underWay = new Map<string, Promise<void>>();
  const following = new Map<string, Promise<void>>();

  function begin(key: string, kind: LaneKind, lane: string): Promise<void> {
    following.delete(key);
    const sending = send(kind, lane).finally(() => {
      if (underWay.get(key) === sending) underWay.delete(key);
    });
    underWay.set(key, sending);
    return sending;
  }

  return (kind, lane) => {
    const key = `${kind} ${lane}`;
    const current = underWay.get(key);
    if (!current) return begin(key, kind, lane);
    const shared = following.get(key);
    if (shared) return shared;
    const start = (): Promise<void> => begin(key, kind, lane);
    const next = current.then(start, start);
    following.set(key, next);
    return next;
  };
}

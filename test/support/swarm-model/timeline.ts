/** Things that will happen in a model, in order of time; nothing happens until somebody looks. */
export interface Timeline {
  /** The moment that the model has reached. */
  now(): number;
  /** Calls `happen` in `ms` milliseconds. Returns the way to prevent it. */
  after(ms: number, happen: () => void): () => void;
  /** Lets everything happen that is due. */
  catchUp(): void;
  /** When the next thing is due; null when nothing is. */
  nextAt(): number | null;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

/** A timeline that follows `clock`. What happens sees the time at which it was due. */
export function createTimeline(clock: () => number): Timeline {
  const events = new Set<Event>();
  let reached = clock();
  let order = 0;

  function next(): Event | undefined {
    return [...events].toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
  }

  return {
    now: () => reached,
    after(ms, happen) {
      const event = { at: reached + ms, order: order++, happen };
      events.add(event);
      return () => void events.delete(event);
    },
    catchUp() {
      const until = clock();
      for (let event = next(); event && event.at <= until; event = next()) {
        events.delete(event);
        reached = Math.max(reached, event.at);
        event.happen();
      }
      reached = Math.max(reached, until);
    },
    nextAt: () => next()?.at ?? null,
  };
}

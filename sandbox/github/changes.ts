/** Tells those who watch that something changed. */
export interface Changes {
  readonly notify: () => void;
  /** Calls back after each change until the returned function is called. */
  readonly watch: (listener: () => void) => () => void;
}

/** Creates a bell that many may listen to. */
export function createChanges(): Changes {
  const listeners = new Set<() => void>();
  return {
    notify: () => {
      for (const listener of listeners) listener();
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

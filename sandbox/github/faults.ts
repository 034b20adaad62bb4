/** What to do with the next requests that match, instead of answering them. */
export interface Fault {
  readonly method?: string;
  /** Tested against path and query without `/api/v3`. */
  readonly path: RegExp;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** How many requests it meets; 1 by default. */
  readonly times?: number;
  /** Waits first; without status and destroy the request is then served as usual. */
  readonly delayMs?: number;
  /** Cuts the connection without an answer. */
  readonly destroy?: boolean;
  /** Serves the request and then cuts the connection: it was done, but the caller cannot know. */
  readonly destroyAfter?: boolean;
}

/** The faults that are laid out. */
export interface Faults {
  readonly add: (fault: Fault) => void;
  /** The fault that a request meets, used up once. */
  readonly take: (method: string, path: string) => Fault | undefined;
  readonly clear: () => void;
}

/** Creates the list of faults; the oldest that matches is met first. */
export function createFaults(): Faults {
  let waiting: { readonly fault: Fault; left: number }[] = [];
  return {
    add: (fault) => waiting.push({ fault, left: fault.times ?? 1 }),
    take: (method, path) => {
      const met = waiting.find(
        ({ fault }) =>
          (fault.method === undefined || fault.method.toUpperCase() === method) &&
          fault.path.test(path),
      );
      if (!met) return undefined;
      met.left -= 1;
      waiting = waiting.filter((one) => one.left > 0);
      return met.fault;
    },
    clear: () => {
      waiting = [];
    },
  };
}

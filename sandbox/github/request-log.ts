/** A request that the local GitHub got. */
export interface RequestEntry {
  readonly at: string;
  readonly kind: "api" | "git";
  readonly method: string;
  /** Path and query without `/api/v3`. */
  readonly path: string;
  /** 0 when the connection was cut instead. */
  readonly status: number;
  /** GitHub's name for the operation, such as `checks/create`. */
  readonly operationId: string | undefined;
  /** What GitHub's description says is wrong with the request. */
  readonly requestProblems: readonly string[];
  /** What it says is wrong with the answer: a fault of this server. */
  readonly responseProblems: readonly string[];
  /** A fault that was laid out was met. */
  readonly isFault: boolean;
}

/** Which requests to look at; what is left out matches all. */
export interface RequestFilter {
  readonly kind?: "api" | "git";
  readonly method?: string;
  readonly path?: RegExp;
  readonly operationId?: string;
}

/** The requests since the start or the last reset. */
export interface RequestLog {
  readonly entries: readonly RequestEntry[];
  add(entry: RequestEntry): void;
  find(filter?: RequestFilter): RequestEntry[];
  count(filter?: RequestFilter): number;
  reset(): void;
}

const kept = 20_000;

/** Creates an empty log; it keeps the newest 20,000 requests. */
export function createRequestLog(): RequestLog {
  const entries: RequestEntry[] = [];
  const find = (filter: RequestFilter = {}) =>
    entries.filter(
      (one) =>
        (filter.kind === undefined || one.kind === filter.kind) &&
        (filter.method === undefined || one.method === filter.method.toUpperCase()) &&
        (filter.path === undefined || filter.path.test(one.path)) &&
        (filter.operationId === undefined || one.operationId === filter.operationId),
    );
  return {
    entries,
    add: (entry) => {
      entries.push(entry);
      if (entries.length > kept) entries.shift();
    },
    find,
    count: (filter) => find(filter).length,
    reset: () => {
      entries.length = 0;
    },
  };
}

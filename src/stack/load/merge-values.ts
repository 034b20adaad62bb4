import type { StackPort } from "../model.ts";

type Merge<T> = (base: T | undefined, over: T | undefined) => T | undefined;

/** How what two files say of the same becomes one. */
export interface MergeRules {
  readonly text: Merge<string>;
  readonly flag: Merge<boolean>;
  readonly amount: Merge<number>;
  /** Commands. */
  readonly words: Merge<readonly string[]>;
  /** A variable of the environment that both files have. */
  readonly variable: (base: string | null, over: string | null) => string | null;
  readonly ports: Merge<readonly StackPort[]>;
}

/** As `docker stack deploy`: what is empty, false or 0 does not win over an earlier value. */
export const CLI_RULES: MergeRules = {
  text: (base, over) => (over === undefined || over === "" ? (base ?? over) : over),
  flag: (base, over) => (over === true ? over : (base ?? over)),
  amount: (base, over) => (over === undefined || over === 0 ? (base ?? over) : over),
  words: (base, over) => (over === undefined || over.length === 0 ? base : over),
  variable: (base, over) => over || (base === "" || base === null ? over : base),
  ports: (base, over) => keyed(base, over, (port) => port.published ?? 0),
};

/** What the later file says wins, and ports are the same only with the same protocol. */
export const OWN_RULES: MergeRules = {
  text: (base, over) => over ?? base,
  flag: (base, over) => over ?? base,
  amount: (base, over) => over ?? base,
  words: (base, over) => over ?? base,
  variable: (_, over) => over,
  ports: (base, over) => {
    const all = [...(base ?? []), ...(over ?? [])].map((port) => [portKey(port), port] as const);
    return over === undefined ? base : [...new Map(all).values()];
  },
};

function portKey({ published, target, protocol = "tcp" }: StackPort): string {
  const number = published === undefined ? `to ${target}` : String(published);
  return `${number}/${protocol.toLowerCase()}`;
}

/** The number of the later file, be it 0. */
export function count(base: number | undefined, over: number | undefined): number | undefined {
  return over ?? base;
}

/** Both lists, one after the other, doubles and all. */
export function appended<T>(
  base: readonly T[] | undefined,
  over: readonly T[] | undefined,
): readonly T[] | undefined {
  if (over === undefined || over.length === 0) return base;
  return [...(base ?? []), ...over];
}

/** Both mappings; the later file's entries win. */
export function entries<T>(
  base: Readonly<Record<string, T>> | undefined,
  over: Readonly<Record<string, T>> | undefined,
): Readonly<Record<string, T>> | undefined {
  return base === undefined ? over : { ...base, ...over };
}

/** Both blocks by `merge`, or the one that there is. */
export function blocks<T>(
  base: T | undefined,
  over: T | undefined,
  merge: (base: T, over: T) => T,
): T | undefined {
  if (base === undefined || over === undefined) return over ?? base;
  return merge(base, over);
}

/**
 * Lists whose entries have a key: the later one wins, and the list is sorted by it. Entries of the earlier list that
 * share a key become one, as soon as both files have the service.
 */
export function keyed<T>(
  base: readonly T[] | undefined,
  over: readonly T[] | undefined,
  keyOf: (entry: T) => string | number,
): readonly T[] | undefined {
  if (base === undefined) return over !== undefined && over.length > 0 ? over : undefined;
  const byKey = new Map([...base, ...(over ?? [])].map((entry) => [keyOf(entry), entry]));
  return [...byKey]
    .toSorted(([a], [b]) => {
      if (a === b) return 0;
      return a < b ? -1 : 1;
    })
    .map(([, entry]) => entry);
}

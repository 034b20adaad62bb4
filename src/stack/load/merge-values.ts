/** The text of the later file, unless it is empty. */
export function text(base: string | undefined, over: string | undefined): string | undefined {
  return over === undefined || over === "" ? (base ?? over) : over;
}

/** The later file can switch on, not off. */
export function flag(base: boolean | undefined, over: boolean | undefined): boolean | undefined {
  return over === true ? over : (base ?? over);
}

/** The number of the later file, unless it is 0. */
export function amount(base: number | undefined, over: number | undefined): number | undefined {
  return over === undefined || over === 0 ? (base ?? over) : over;
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

/** The command of the later file, unless it is empty. */
export function replaced<T>(
  base: readonly T[] | undefined,
  over: readonly T[] | undefined,
): readonly T[] | undefined {
  return over === undefined || over.length === 0 ? base : over;
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

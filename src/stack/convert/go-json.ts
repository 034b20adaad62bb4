/** The body of an API call, or a part of one, with the API's own field names. */
export type Body = Readonly<Record<string, unknown>>;

/** The fields that have a value at all: what Go sends of pointers. False, 0 and empty things are kept. */
export function present(fields: Body): Body {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/**
 * The fields that are not empty, as Go's `omitempty` leaves them: no "", 0, false, undefined or empty list. An object
 * stays, even an empty one, because Go sends a structure that is there; a map goes through `filled` first.
 */
export function nonEmpty(fields: Body): Body {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

/** A map that is sent only when it holds something. */
export function filled<T extends object>(map: T | undefined): T | undefined {
  return map === undefined || Object.keys(map).length === 0 ? undefined : map;
}

/** The order of Go's `sort.Strings`: by bytes, the same on every machine. */
export function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** A map's entries in the order of their keys. */
export function sortedEntries<T>(map: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(map).sort(([one], [other]) => compareBytes(one, other));
}

/** A map's own value: a key such as `constructor` finds nothing that is not in the map itself. */
export function own<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** A number as Go sends a float32: the shortest digits that still name the same one. */
export function float32(value: number): number {
  const single = Math.fround(value);
  for (let digits = 1; digits < 10; digits += 1) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) {
      return short;
    }
  }
  return single;
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === "" ||
    value === 0 ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}

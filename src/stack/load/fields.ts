import type { At } from "./report.ts";
import { isList, isMapping, isTime, print, type Mapping, type Value } from "./value.ts";

/** The mapping's fields, read by kind; what the schema let through is what it should be. */
export interface Fields {
  readonly at: At;
  /** Whether the mapping says the key at all, be it null. */
  has(key: string): boolean;
  value(key: string): Value | undefined;
  text(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  /** A whole number; a fraction is cut off, as Go does. */
  whole(key: string): number | undefined;
  /** A whole number that may not be negative; a negative one is refused. */
  count(key: string): number | undefined;
  number(key: string): number | undefined;
  texts(key: string): readonly string[] | undefined;
  /** Each entry of a list, at its place. */
  each<T>(key: string, read: (value: Value, at: At) => T): readonly T[] | undefined;
  /** The mapping under the key, read by `read`. */
  inside<T>(key: string, read: (fields: Fields) => T): T | undefined;
}

/** Reads the fields of a mapping; anything else has none. */
export function fieldsOf(value: Value | undefined, at: At): Fields {
  const mapping: Mapping = isMapping(value) ? value : new Map<string, Value>();
  const fields: Fields = {
    at,
    has: (key) => mapping.has(key),
    value: (key) => mapping.get(key),
    text: (key) => textOf(mapping.get(key), at.to(key)),
    flag: (key) => {
      const found = mapping.get(key);
      return typeof found === "boolean" ? found : undefined;
    },
    whole: (key) => {
      const found = fields.number(key);
      return found === undefined ? undefined : Math.trunc(found);
    },
    count: (key) => countOf(fields.number(key), at.to(key)),
    number: (key) => {
      const found = mapping.get(key);
      return typeof found === "bigint" || typeof found === "number" ? Number(found) : undefined;
    },
    texts: (key) => fields.each(key, (item, place) => textOf(item, place) ?? ""),
    each: (key, read) => {
      const found = mapping.get(key);
      if (!isList(found)) return undefined;
      return found.map((item, index) => read(item, at.to(key).to(index)));
    },
    inside: (key, read) => {
      const found = mapping.get(key);
      return isMapping(found) ? read(fieldsOf(found, at.to(key))) : undefined;
    },
  };
  return fields;
}

function textOf(value: Value | undefined, at: At): string | undefined {
  if (isTime(value)) {
    at.refuse("wrong_type", `must be a string: put ${JSON.stringify(print(value))} in quotes.`);
  }
  return typeof value === "string" ? value : undefined;
}

function countOf(value: number | undefined, at: At): number | undefined {
  if (value === undefined) return undefined;
  if (value < 0) at.refuse("bad_number", `${value} is less than 0: correct the value.`);
  return Math.trunc(value);
}

/** The object without the fields that are undefined: absent is not the same to Swarm as empty. */
export function defined<T extends object>(fields: {
  readonly [K in keyof T]-?: T[K] | undefined;
}): T {
  // What is left has exactly the fields that T requires, for those are never undefined by its type.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

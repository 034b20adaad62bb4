import { nearest } from "../../nearest.ts";
import type { At } from "./report.ts";
import { isList, isMapping, isTime, print, type Value } from "./value.ts";

/** What a file is checked by. */
export interface Schema {
  /** Of version 3. */
  readonly minor: number;
  /** Whether what only Skep takes is refused. */
  readonly asCli: boolean;
}

/** Tells every problem that a value has. */
export type Shape = (value: Value, at: At, schema: Schema) => void;

type Kind = "string" | "boolean" | "integer" | "number" | "mapping" | "list" | "null";

/** The first schema that knows the key, and what belongs there. */
export type Key = Shape | { readonly since: number; readonly shape: Shape };

/** A key that only schemas from this minor version on know. */
export function since(minor: number, shape: Shape): Key {
  return { since: minor, shape };
}

function is(kind: Kind, value: Value): boolean {
  switch (kind) {
    case "string":
      return typeof value === "string" || isTime(value);
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
    case "number":
      return typeof value === "bigint" || typeof value === "number";
    case "mapping":
      return isMapping(value);
    case "list":
      return isList(value);
    case "null":
      return value === null;
  }
}

/** One of these kinds, whatever is inside. */
export function kind(...kinds: readonly Kind[]): Shape {
  return (value, at) => {
    if (!kinds.some((each) => is(each, value))) refuseType(kinds, at);
  };
}

function refuseType(kinds: readonly Kind[], at: At): void {
  const article = kinds[0] === "integer" ? "an" : "a";
  const last = kinds.at(-1);
  const words = kinds.length > 1 ? `${kinds.slice(0, -1).join(", ")} or ${last}` : last;
  at.refuse("wrong_type", `must be ${article} ${words}: correct the value.`);
}

/** Each kind with what belongs inside it; any other kind is refused. */
export function oneOf(shapes: Readonly<Partial<Record<Kind, Shape>>>): Shape {
  const entries = kindsOf(shapes);
  return (value, at, schema) => {
    const found = entries.find(([each]) => is(each, value));
    if (found === undefined) {
      refuseType(
        entries.map(([each]) => each),
        at,
      );
    } else {
      found[1](value, at, schema);
    }
  };
}

const KINDS = ["string", "boolean", "integer", "number", "mapping", "list", "null"] as const;

function kindsOf(shapes: Readonly<Partial<Record<Kind, Shape>>>): [Kind, Shape][] {
  return KINDS.flatMap((each): [Kind, Shape][] => {
    const shape = shapes[each];
    return shape === undefined ? [] : [[each, shape]];
  });
}

/** A string that a check accepts; `format` is the name of what it should be. */
export function text(format: string, accepts: (text: string) => boolean): Shape {
  return (value, at) => {
    if (typeof value !== "string") return refuseType(["string"], at);
    if (!accepts(value)) {
      at.refuse("bad_format", `${JSON.stringify(value)} is no ${format}: correct the value.`);
    }
  };
}

/** A list of such items. */
export function list(item: Shape, options: { readonly unique?: boolean } = {}): Shape {
  return (value, at, schema) => {
    if (!isList(value)) return refuseType(["list"], at);
    value.forEach((each, index) => item(each, at.to(index), schema));
    if (options.unique === true) refuseTwins(value, at);
  };
}

function refuseTwins(items: readonly Value[], at: At): void {
  const seen = new Map<string, number>();
  items.forEach((item, index) => {
    const text = canonical(item);
    const before = seen.get(text);
    if (before === undefined) return void seen.set(text, index);
    at.to(index).refuse("not_unique", `is the same as entry ${before}: keep one of them.`);
  });
}

function canonical(value: Value): string {
  if (isList(value)) return `[${value.map(canonical).join()}]`;
  if (isMapping(value)) {
    const parts = [...value].map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`);
    return `{${parts.toSorted().join()}}`;
  }
  return typeof value === "string" ? JSON.stringify(value) : print(value);
}

/** A mapping of known keys. `extensions`: the first schema that lets it have `x-` keys; `open`: any others pass. */
export function mapping(
  keys: Readonly<Record<string, Key>>,
  options: {
    readonly extensions?: number;
    readonly open?: boolean;
    readonly required?: readonly string[];
  } = {},
): Shape {
  const known = new Map(Object.entries(keys));
  return (value, at, schema) => {
    if (!isMapping(value)) return refuseType(["mapping"], at);
    let unknown = 0;
    for (const [name, child] of value) {
      const key = known.get(name);
      const shape = key === undefined || typeof key === "function" ? key : shapeOf(key, schema);
      if (shape !== undefined) shape(child, at.to(name), schema);
      else if (options.open !== true && !isExtension(name, options.extensions, schema)) {
        unknown += 1;
        const advice = unknown > MOST_ADVICE ? ADVICE : adviceFor(name, known, schema);
        refuseKey(name, at, advice);
      }
    }
    for (const name of options.required ?? []) {
      if (!value.has(name)) at.refuse("missing_key", `${name} is required: add it.`);
    }
  };
}

function shapeOf(key: Exclude<Key, Shape>, { minor }: Schema): Shape | undefined {
  return minor >= key.since ? key.shape : undefined;
}

function isExtension(name: string, from: number | undefined, { minor }: Schema): boolean {
  return from !== undefined && minor >= from && name.startsWith("x-");
}

/** To look for what each of thousands of keys might mean takes long, and helps nobody. */
const MOST_ADVICE = 20;
const ADVICE = "see whether it is spelled right, and leave it out if Swarm has no such thing.";

function adviceFor(name: string, known: ReadonlyMap<string, Key>, schema: Schema): string {
  if (known.has(name)) return "leave `version` out, or name a newer one.";
  if (schema.asCli) return ADVICE;
  const usable = [...known].filter(
    ([, key]) => typeof key === "function" || shapeOf(key, schema) !== undefined,
  );
  const close = nearest(
    name,
    usable.map(([each]) => each),
  );
  return close === null ? ADVICE : `did you mean \`${close}\`?`;
}

function refuseKey(name: string, at: At, advice: string): void {
  at.to(name).refuse(
    "unknown_key",
    `the key ${JSON.stringify(name)} is not allowed here: ${advice}`,
  );
}

/** A mapping from names to such values; a name that does not match is no key of it. */
export function named(pattern: RegExp, shape: Shape): Shape {
  return (value, at, schema) => {
    if (!isMapping(value)) return refuseType(["mapping"], at);
    for (const [name, child] of value) {
      if (pattern.test(name)) shape(child, at.to(name), schema);
      else refuseKey(name, at, ADVICE);
    }
  };
}

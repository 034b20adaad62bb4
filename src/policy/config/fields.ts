import { z } from "zod";
import { quote } from "./problem.ts";
import { isGoScalar } from "./scalars.ts";
import { readCpus, readDuration, readSize, type Reading } from "./units.ts";
import { splitWords } from "./words.ts";

/** What reading one value of the file led to. `path` leads from the value to the fault within it. */
export type FieldReading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string; readonly path?: readonly (string | number)[] };

/** A field as a zod schema: `read` says what the value means or what was expected instead. */
export function field<T>(read: (value: unknown) => FieldReading<T>): z.ZodType<T> {
  return z.unknown().transform((value, context): T => {
    const reading = read(value);
    if (reading.ok) return reading.value;
    const found = reading.path === undefined ? `is ${describe(value)}: ` : "";
    context.issues.push({
      code: "custom",
      message: `${found}${reading.expected}`,
      path: [...(reading.path ?? [])],
      input: value,
    });
    return z.NEVER;
  });
}

/** A mapping with these keys. Numbers and dates of the file are objects here, but no mappings. */
export function mapping<Keys extends z.ZodType>(keys: Keys): z.ZodPreprocess<Keys> {
  return z.preprocess((value) => (isGoScalar(value) ? value.value : value), keys);
}

/** What a value is, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") return value === "" ? "an empty text" : `"${quote(value)}"`;
  if (typeof value === "boolean") return `the boolean ${value}`;
  if (isGoScalar(value)) return value.kind === "time" ? "a date" : `the number ${value.text}`;
  return Array.isArray(value) ? "a list" : "a mapping";
}

function refuse<T>(expected: string): FieldReading<T> {
  return { ok: false, expected };
}

/** A text that Docker can pass on: C strings end at a NUL. */
function readText(value: unknown, expected: string): FieldReading<string> {
  if (typeof value !== "string" || value.includes("\0")) return refuse(expected);
  return { ok: true, value };
}

/** A text; numbers and booleans have to be in quotes, as for Docker. */
export function text(example: string): z.ZodType<string> {
  return field((value) => {
    const expected = isGoScalar(value) ? "write it in quotes" : `write a text such as ${example}`;
    const reading = readText(value, expected);
    return reading.ok && reading.value === "" ? refuse(expected) : reading;
  });
}

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(
  words: Words,
): z.ZodType<Words[number]> {
  const find = (value: unknown): Words[number] | undefined => words.find((word) => word === value);
  return field((value) => {
    const word = find(value);
    return word === undefined ? refuse(`write ${words.join(" or ")}`) : { ok: true, value: word };
  });
}

/** `true` or `false`. */
export const flag: z.ZodType<boolean> = field((value) =>
  typeof value === "boolean" ? { ok: true, value } : refuse("write true or false"),
);

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): z.ZodType<number> {
  const expected = `write a whole number from ${least} to ${most}, without quotes`;
  return field((value) => {
    if (!isGoScalar(value) || !Number.isInteger(value.value)) return refuse(expected);
    return value.value < least || value.value > most
      ? refuse(expected)
      : { ok: true, value: value.value };
  });
}

/** A number from 0 to 1. */
export const ratio: z.ZodType<number> = field((value) =>
  isGoScalar(value) && value.value >= 0 && value.value <= 1
    ? { ok: true, value: value.value }
    : refuse("write a number from 0 to 1, without quotes"),
);

function measure(read: (text: string) => Reading<number>): z.ZodType<number> {
  return field((value) => {
    const reading = read(typeof value === "string" ? value : "?");
    if (reading.ok) return reading;
    const quotes =
      isGoScalar(value) && value.kind === "number" ? ", in quotes or with its unit" : "";
    return refuse(`write ${reading.expected}${quotes}`);
  });
}

/** A duration in Go's grammar, in milliseconds. */
export const duration = measure(readDuration);
/** A size in bytes. */
export const size = measure(readSize);
/** Billionths of a CPU. */
export const cpus = measure(readCpus);

/** A list of texts. */
export function texts(example: string): z.ZodType<readonly string[]> {
  return field((value) => readTexts(value, example));
}

function readTexts(value: unknown, example: string): FieldReading<readonly string[]> {
  if (!Array.isArray(value)) return refuse(`write a list such as ${example}`);
  const items: readonly unknown[] = value;
  const found: string[] = [];
  for (const [index, item] of items.entries()) {
    const reading = readText(item, "");
    if (!reading.ok) {
      const expected = `is ${describe(item)}: write it as a text, in quotes`;
      return { ok: false, expected, path: [index] };
    }
    found.push(reading.value);
  }
  return { ok: true, value: found };
}

/** A command: a list of words, or one text that is split like a shell's command line. */
export const words: z.ZodType<readonly string[]> = field((value) => {
  if (typeof value !== "string") return readTexts(value, '[npm, start] or one text, "npm start"');
  const split = value.includes("\0") ? null : splitWords(value);
  return split === null ? refuse("end the quote or escape in it") : { ok: true, value: split };
});

/** Names with values: a mapping, or a list of `NAME=value`. Numbers become text as Docker writes them. */
export function namedValues(options: {
  readonly name: RegExp;
  /** Whether a name without a value means an empty one; refused otherwise. */
  readonly mayBeEmpty: boolean;
}): z.ZodType<Readonly<Record<string, string>>> {
  return field((value) => {
    const pairs = readPairs(value);
    if (!pairs.ok) return pairs;
    const result: [string, string][] = [];
    for (const { path, name, value: given } of pairs.value) {
      const found = given === null && options.mayBeEmpty ? "" : valueText(given);
      if (!options.name.test(name)) {
        return { ok: false, expected: "is no usable name: write one without blanks and =", path };
      }
      if (found === null) return { ok: false, expected: describeValue(given), path };
      result.push([name, found]);
    }
    return { ok: true, value: Object.fromEntries(result) };
  });
}

interface NamedPair {
  readonly path: readonly (string | number)[];
  readonly name: string;
  readonly value: unknown;
}

function readPairs(value: unknown): FieldReading<readonly NamedPair[]> {
  if (Array.isArray(value)) {
    const list = readTexts(value, "[NAME=value]");
    if (!list.ok) return list;
    const pairs = list.value.map((entry, index): NamedPair => {
      const at = entry.indexOf("=");
      const name = at < 0 ? entry : entry.slice(0, at);
      return { path: [index], name, value: at < 0 ? null : entry.slice(at + 1) };
    });
    return { ok: true, value: pairs };
  }
  if (typeof value !== "object" || value === null || isGoScalar(value)) {
    return refuse("write a mapping of names to values, or a list of NAME=value");
  }
  const entries: [string, unknown][] = Object.entries(value);
  return {
    ok: true,
    value: entries.map(([name, given]) => ({ path: [name], name, value: given })),
  };
}

function valueText(value: unknown): string | null {
  if (typeof value === "string") return value.includes("\0") ? null : value;
  if (!isGoScalar(value)) return null;
  return value.kind === "number" && Number.isNaN(value.value) ? null : value.text;
}

function describeValue(value: unknown): string {
  if (value === null)
    return "has no value: write one after it (Skep passes on nothing of its own environment)";
  if (typeof value === "boolean") return `is the boolean ${value}: write it in quotes, "${value}"`;
  return `is ${describe(value)}: write a text or a number`;
}

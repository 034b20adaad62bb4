import { z } from "zod";
import { quote } from "./problem.ts";
import { isGoScalar } from "./scalars.ts";

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

import { describe, type FieldReading } from "./fields.ts";
import { isGoScalar } from "./scalars.ts";
import { isMapping, readKey } from "./values.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/u;

/** What Skep itself says to every stack file; a file cannot set what begins like them. */
export const OWN_VARIABLES = ["SKEP_COMMIT", "SKEP_VERSION", "SKEP_ENVIRONMENT"] as const;

/**
 * Variables of an environment, by name. Numbers are taken as they are written: what a number becomes is for the stack
 * file's place to say, and nobody means 1.1 by 1.10.
 */
export function readVariables(value: unknown): FieldReading<Readonly<Record<string, string>>> {
  if (!isMapping(value)) {
    return {
      ok: false,
      expected: "write a mapping of names to values, such as { LOG_LEVEL: debug }",
    };
  }
  const entries: [string, unknown][] = Object.entries(value);
  const found: [string, string][] = [];
  for (const [name, given] of entries) {
    const text = textOf(given);
    const fault = faultOfName(name) ?? (text === null ? faultOfValue(given) : null);
    if (fault !== null) return { ok: false, expected: fault, path: [name] };
    found.push([name, text ?? ""]);
  }
  return { ok: true, value: Object.fromEntries(found) };
}

/** Every variable of every environment of a file, as far as it can be read: the later environment's value wins. */
export function gatherVariables(file: unknown): Readonly<Record<string, string>> {
  const environments = readKey(file, "environments");
  if (!isMapping(environments)) return {};
  const all = Object.values(environments).flatMap((environment: unknown) => {
    const variables = readKey(environment, "variables");
    if (!isMapping(variables)) return [];
    const entries: [string, unknown][] = Object.entries(variables);
    return entries.filter(([name]) => faultOfName(name) === null);
  });
  return Object.fromEntries(all.map(([name, given]) => [name, textOf(given) ?? ""]));
}

function faultOfName(name: string): string | null {
  if (!NAME.test(name)) {
    return "is no name of a variable: write letters, digits and _, beginning with no digit";
  }
  return name.startsWith("SKEP_")
    ? "begins with SKEP_, as Skep's own variables do: rename it"
    : null;
}

function textOf(value: unknown): string | null {
  if (typeof value === "string") return value.includes("\0") ? null : value;
  if (typeof value === "boolean") return String(value);
  return isGoScalar(value) ? value.source : null;
}

function faultOfValue(value: unknown): string {
  if (value === null) return 'has no value: write one after it, or "" for an empty one';
  return `is ${describe(value)}: write a text, a number, true or false`;
}

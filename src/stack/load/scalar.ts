import { parseGoFloat } from "./go-float.ts";
import { printTimestamp } from "./go-time.ts";
import type { Value } from "./value.ts";

const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, Number.NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Infinity] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, -Infinity] as const),
]);

const TAGS = "tag:yaml.org,2002:";
const RESOLVABLE = new Set(["str", "bool", "int", "float", "null", "timestamp"]);
const INTEGER = /^([-+]?)(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9]\d*)$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

/** A scalar's meaning, or why its tag does not fit it. */
export type Resolved =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly message: string };

/**
 * A scalar as yaml.v3 reads it: old and new octals, no sexagesimals, `yes` and `on` are strings, dates are timestamps.
 * `tag` is an explicit one, in full, or undefined.
 */
export function resolveScalar(text: string, isQuoted: boolean, tag: string | undefined): Resolved {
  const short = tag?.startsWith(TAGS) === true ? tag.slice(TAGS.length) : tag;
  if (short === "binary") return binary(text);
  if (short === undefined || short === "!") {
    return { ok: true, value: isQuoted ? text : plain(text, true) };
  }
  if (short === "str" || !RESOLVABLE.has(short)) return { ok: true, value: text };
  const value = plain(text, short === "timestamp");
  const kind = kindOf(value);
  if (kind === short) return { ok: true, value };
  if (kind === "int" && short === "float") return { ok: true, value: Number(value) };
  return { ok: false, message: `cannot read ${JSON.stringify(text)} as !!${short}` };
}

function plain(text: string, mayBeTime: boolean): Value {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (text.startsWith(".")) return parseGoFloat(text) ?? text;
  if (!/^[-+\d]/.test(text)) return text;
  const time = mayBeTime ? printTimestamp(text) : null;
  if (time !== null) return { goTime: time };
  const bare = text.replaceAll("_", "");
  return parseGoInteger(bare) ?? parseGoFloat(bare) ?? text;
}

/** An integer as Go's `ParseInt(text, 0, 64)` and `ParseUint` read it; null for what neither does. */
function parseGoInteger(text: string): bigint | null {
  const match = INTEGER.exec(text);
  if (match === null) return null;
  const [, sign = "", digits = ""] = match;
  const isOldOctal = /^0[0-7]+$/.test(digits);
  const size = BigInt(isOldOctal ? `0o${digits.slice(1)}` : digits.toLowerCase());
  const value = sign === "-" ? -size : size;
  if (value < INT64_MIN || value > UINT64_MAX) return null;
  // Only a number without a sign may be unsigned.
  return sign !== "" && value > INT64_MAX ? null : value;
}

function kindOf(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return "float";
  return typeof value === "string" ? "str" : "timestamp";
}

function binary(text: string): Resolved {
  const bare = text.replace(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(bare)) {
    return { ok: false, message: "!!binary value contains invalid base64 data" };
  }
  return { ok: true, value: Buffer.from(bare, "base64").toString("utf8") };
}

import type { ScalarTag } from "yaml";

/**
 * A plain scalar that Docker's YAML reader takes for a number or a point in time. `source` is how it is written, `text`
 * what becomes of it where text is wanted: `0123` is `83`, `1.10` is `1.1`. `value` is NaN where it is no number.
 */
export interface GoScalar {
  readonly kind: "number" | "time";
  readonly value: number;
  readonly text: string;
  readonly source: string;
}

/** Whether a value of the file is a number or a point in time. */
export function isGoScalar(value: unknown): value is GoScalar {
  return typeof value === "object" && value !== null && "kind" in value && SCALARS.has(value);
}

/** Told apart from the file's own maps by identity: a map may hold the same keys. */
const SCALARS = new WeakSet<object>();

function scalar(made: GoScalar): GoScalar {
  SCALARS.add(made);
  return made;
}

/** Reads plain scalars like Go's yaml.v3, which `docker stack deploy` uses; all else is text. */
export const GO_TAGS: readonly ScalarTag[] = [
  {
    tag: "tag:yaml.org,2002:null",
    default: true,
    test: /^(?:~|null|Null|NULL)?$/u,
    resolve: () => null,
  },
  {
    tag: "tag:yaml.org,2002:bool",
    default: true,
    test: /^(?:true|True|TRUE|false|False|FALSE)$/u,
    resolve: (source) => source.toLowerCase() === "true",
  },
  {
    tag: "tag:yaml.org,2002:float",
    default: true,
    test: /^[-+.\d]/u,
    resolve: (source) => readTime(source) ?? readNumber(source) ?? source,
  },
];

const LARGEST_INT = 2n ** 64n - 1n;
const SMALLEST_INT = -(2n ** 63n);

function readNumber(source: string): GoScalar | null {
  if (/^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/u.test(source)) {
    return scalar({ kind: "number", value: Number.NaN, text: source, source });
  }
  const plain = source.replaceAll("_", "");
  const integer = readInteger(plain);
  if (integer !== null && integer >= SMALLEST_INT && integer <= LARGEST_INT) {
    return scalar({ kind: "number", value: Number(integer), text: `${integer}`, source });
  }
  if (!/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/u.test(plain)) return null;
  const value = Number(plain);
  if (!Number.isFinite(value)) return null;
  return scalar({ kind: "number", value, text: formatFloat(value), source });
}

/** Go's `ParseInt` with base 0: a leading 0 means octal, `0x`, `0o` and `0b` as everywhere. */
function readInteger(plain: string): bigint | null {
  const [, sign = "", digits = ""] =
    /^([-+]?)(0[xX][\da-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9]\d*)$/u.exec(plain) ?? [];
  if (digits === "") return null;
  const octal = /^0[0-7]+$/u.test(digits);
  const magnitude = BigInt(octal ? `0o${digits.slice(1)}` : digits.toLowerCase());
  return sign === "-" ? -magnitude : magnitude;
}

/** Go's `%v` of a float: shortest digits, with an exponent below 1e-4 and from 1e+06 on. */
function formatFloat(value: number): string {
  const [mantissa = "0", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return Object.is(value, -0) ? "-0" : String(value);
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

const DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})$/u;
const MOMENT =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?)$/u;

/** Unquoted dates become points in time, and those are printed as Go prints them. */
function readTime(source: string): GoScalar | null {
  const match = DATE.exec(source) ?? MOMENT.exec(source);
  if (!match) return null;
  const [year = 0, month = 0, day = 0] = match.slice(1, 4).map(Number);
  const time = (match[4] === undefined ? match.slice(9, 12) : match.slice(4, 7)).map(Number);
  const [hour = 0, minute = 0, second = 0] = time.map((part) => (Number.isNaN(part) ? 0 : part));
  if (!isDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return null;
  const two = (part: number): string => String(part).padStart(2, "0");
  const fraction = (match[7] ?? match[12] ?? "").replace(/0+$/u, "");
  const date = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
  const clock = `${two(hour)}:${two(minute)}:${two(second)}${fraction && `.${fraction}`}`;
  const text = `${date} ${clock} ${zoneOf(match[8])}`;
  return scalar({ kind: "time", value: Number.NaN, text, source });
}

function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function zoneOf(zone: string | undefined): string {
  const offset = (zone ?? "Z").replace(":", "");
  return ["Z", "+0000", "-0000"].includes(offset) ? "+0000 UTC" : `${offset} ${offset}`;
}

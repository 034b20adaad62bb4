import { parseGoFloat } from "./go-float.ts";

const POWERS = "bkmgtp";

/** Bytes of a size such as `64m`, `1.5GiB` or `10485760`, by 1024; null for what is none. */
export function parseSize(text: string): number | null {
  const match = /^(.*[\d.]|.*(?= )) ?([^\d. ]*)$/s.exec(text);
  if (match === null) return null;
  const [, number = "", suffix = ""] = match;
  const size = parseGoFloat(number);
  if (size === null || size < 0) return null;
  const unit = suffix.toLowerCase();
  if (unit === "") return Math.trunc(size);
  const power = POWERS.indexOf(unit.slice(0, 1));
  const isKnown = power === 0 ? unit === "b" : power > 0 && /^.(?:b|ib)?$/s.test(unit);
  const bytes = Math.trunc(size * 1024 ** power);
  // What no double can hold is no size either.
  return isKnown && Number.isFinite(bytes) ? bytes : null;
}

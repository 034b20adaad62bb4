const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const PART = /(\d*)(?:(\.)(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;
const MOST = 2n ** 63n;

/** Go's `time.ParseDuration` in nanoseconds; null for what it does not take (`10`, `1d`). */
export function parseDuration(text: string): number | null {
  const isNegative = text.startsWith("-");
  const rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === "0") return 0;
  if (rest === "") return null;
  let total = 0n;
  let at = 0;
  while (at < rest.length) {
    PART.lastIndex = at;
    const match = PART.exec(rest);
    if (match === null) return null;
    const [whole, digits = "", , fraction = "", unit = ""] = match;
    if (digits === "" && fraction === "") return null;
    const size = UNITS[unit] ?? 0n;
    total += BigInt(digits === "" ? "0" : digits.slice(0, 40)) * size;
    // In the order of Go's floating point, so that both round alike.
    const some = fraction.slice(0, 18);
    total += BigInt(Math.trunc(Number(some) * (Number(size) / 10 ** some.length)));
    at += whole.length;
    if (total > MOST) return null;
  }
  if (total === MOST && !isNegative) return null;
  return isNegative ? -Number(total) : Number(total);
}

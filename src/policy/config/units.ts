/** What reading a text led to: its value, or what the text should have been. */
export type Reading<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/gu;
const DURATION = /^\+?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/u;
const LONGEST_TEXT = 64;
/** The engine counts nanoseconds in 64 bits; more than a century is a slip anyway. */
const LONGEST_MS = 100 * 366 * 24 * 3_600_000;

/** Milliseconds of a duration in Go's grammar, e.g. `1m30s` or `1.5h`. */
export function readDuration(text: string): Reading<number> {
  const expected = "a duration such as 10s, 500ms or 1m30s";
  if (text === "0" || text === "+0" || text === "-0") return { ok: true, value: 0 };
  if (text.length > LONGEST_TEXT || !DURATION.test(text)) return { ok: false, expected };
  let total = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of text.matchAll(PART)) {
    const size = NANOSECONDS[unit] ?? 0n;
    total += BigInt(whole || "0") * size;
    total += (BigInt(fraction || "0") * size) / 10n ** BigInt(fraction.length);
  }
  if (total % 1_000_000n !== 0n) {
    return { ok: false, expected: "a duration in whole milliseconds, such as 500ms" };
  }
  const value = Number(total / 1_000_000n);
  if (value > LONGEST_MS) return { ok: false, expected: "a duration of less than a century" };
  return { ok: true, value };
}

const SIZE = /^(\d+(?:\.\d*)?|\.\d+) ?(?:([kmgtp])(?:i?b)?|b)?$/iu;
/** Swarm refuses less, because no container starts with it. */
const LEAST_BYTES = 4 * 1024 * 1024;

/** Bytes of a size such as `64M` or `1.5GiB`; units are powers of 1024. */
export function readSize(text: string): Reading<number> {
  const expected = "a size such as 64M or 1.5G";
  const [, number = "", unit = ""] = (text.length > LONGEST_TEXT ? null : SIZE.exec(text)) ?? [];
  if (number === "") return { ok: false, expected };
  const power = " kmgtp".indexOf(unit.toLowerCase() || " ");
  const value = Math.trunc(Number(number) * 1024 ** power);
  if (!Number.isSafeInteger(value)) return { ok: false, expected };
  if (value > 0 && value < LEAST_BYTES) return { ok: false, expected: "at least 4M" };
  return { ok: true, value };
}

const DECIMAL = /^(\d*)(?:\.(\d*))?$/u;
const FRACTION = /^(\d+)\/(\d+)$/u;
const NANO = 1_000_000_000n;
/** Swarm refuses less than a thousandth of a CPU. */
const LEAST_NANO_CPUS = 1_000_000;

/** Billionths of a CPU, of a number such as `0.5` or `1/4`. */
export function readCpus(text: string): Reading<number> {
  if (text === "") return { ok: true, value: 0 };
  const fraction = text.length > LONGEST_TEXT ? null : readFraction(text);
  if (!fraction || fraction.below === 0n) {
    return { ok: false, expected: 'a number of CPUs such as "0.5"' };
  }
  const { above, below } = fraction;
  if ((above * NANO) % below !== 0n) {
    return { ok: false, expected: "a number of CPUs with at most nine decimals" };
  }
  const value = Number((above * NANO) / below);
  if (value > 0 && value < LEAST_NANO_CPUS) return { ok: false, expected: 'at least "0.001"' };
  if (!Number.isSafeInteger(value)) return { ok: false, expected: "fewer CPUs" };
  return { ok: true, value };
}

function readFraction(text: string): { readonly above: bigint; readonly below: bigint } | null {
  const [, above, below] = FRACTION.exec(text) ?? [];
  if (above !== undefined && below !== undefined) {
    return { above: BigInt(above), below: BigInt(below) };
  }
  const [, whole = "", decimals = ""] = DECIMAL.exec(text) ?? [];
  if (whole + decimals === "") return null;
  return { above: BigInt(whole + decimals), below: 10n ** BigInt(decimals.length) };
}

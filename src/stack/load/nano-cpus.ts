const DECIMAL = /^([-+]?)(\d+\.?\d*|\.\d+)(?:[eE]([-+]?\d{1,3}))?$/;
const FRACTION = /^([-+]?)(\d+)\/(\d+)$/;
const NANO = 1_000_000_000n;

/** CPUs in billionths, from `0.5` or `1/4`, or why not: no number, or finer than a billionth. */
export function parseNanoCpus(text: string): number | "not_a_number" | "too_precise" {
  if (text.length > 100) return "not_a_number";
  const ratio = parseRatio(text);
  if (ratio === null) return "not_a_number";
  const scaled = ratio.over * NANO;
  if (scaled % ratio.under !== 0n) return "too_precise";
  const cpus = Number(scaled / ratio.under);
  return Number.isFinite(cpus) ? cpus : "not_a_number";
}

function parseRatio(text: string): { readonly over: bigint; readonly under: bigint } | null {
  const fraction = FRACTION.exec(text);
  if (fraction !== null) {
    const under = BigInt(fraction[3] ?? "0");
    return under === 0n ? null : { over: signed(fraction[1], fraction[2] ?? "0"), under };
  }
  const decimal = DECIMAL.exec(text);
  if (decimal === null) return null;
  const [whole = "", after = ""] = (decimal[2] ?? "").split(".");
  const power = Number(decimal[3] ?? 0) - after.length;
  const over = signed(decimal[1], `${whole}${after}`);
  return power >= 0
    ? { over: over * 10n ** BigInt(power), under: 1n }
    : { over, under: 10n ** BigInt(-power) };
}

function signed(sign: string | undefined, digits: string): bigint {
  return sign === "-" ? -BigInt(digits) : BigInt(digits);
}

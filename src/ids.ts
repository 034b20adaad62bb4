import { randomBytes } from "node:crypto";

/** Identifiers and secrets as the engine gets them. Passed in, so that runs can be repeated exactly. */
export interface Ids {
  /** A new identifier `<prefix>_<24 base-32 characters>`; later ones sort after earlier ones. */
  next(prefix: string): string;
  /** `bytes` random bytes as lower-case hex, for one-time codes and session keys. */
  secret(bytes: number): string;
}

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

function encode(value: bigint, length: number): string {
  let rest = value;
  let text = "";
  for (let i = 0; i < length; i++) {
    text = (ALPHABET[Number(rest % 32n)] ?? "0") + text;
    rest /= 32n;
  }
  return text;
}

/**
 * Time-ordered identifiers: 48 bits of milliseconds, then 70 random bits. Those of one millisecond (or of a clock that
 * was set back) count on from the last.
 */
export function createRandomIds(now: () => number): Ids {
  let last = { at: -1, random: 0n };
  return {
    next(prefix) {
      const at = now();
      const random = BigInt(`0x${randomBytes(9).toString("hex")}`) >> 2n;
      last = at > last.at ? { at, random } : { at: last.at, random: last.random + 1n };
      return `${prefix}_${encode(BigInt(last.at), 10)}${encode(last.random, 14)}`;
    },
    secret: (bytes) => randomBytes(bytes).toString("hex"),
  };
}

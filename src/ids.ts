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

/** Time-ordered identifiers: 48 bits of milliseconds, then 70 random bits. */
export function createRandomIds(now: () => number): Ids {
  return {
    next(prefix) {
      const random = BigInt(`0x${randomBytes(9).toString("hex")}`) >> 2n;
      return `${prefix}_${encode(BigInt(now()), 10)}${encode(random, 14)}`;
    },
    secret: (bytes) => randomBytes(bytes).toString("hex"),
  };
}

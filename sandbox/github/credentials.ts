import { createHmac, createPublicKey, randomBytes, timingSafeEqual, verify } from "node:crypto";
import { z } from "zod";
import { parseJson } from "../contract/json-value.ts";

const header = z.object({ alg: z.literal("RS256") });
const claims = z.object({
  iat: z.number(),
  exp: z.number(),
  iss: z.union([z.string(), z.number()]).transform(String),
});

const tenMinutes = 600;
const hour = 3600;
// GitHub forgives clocks that differ a little.
const driftSeconds = 60;

/** Judges an App's JWT (RS256, issuer, at most ten minutes); returns what is wrong, undefined when it is good. */
export function findJwtProblem(
  jwt: string,
  app: { readonly id: number; readonly privateKey: string },
  nowSeconds: number,
): string | undefined {
  const undecodable = "A JSON web token could not be decoded";
  const [head = "", payload = "", signature = "", ...rest] = jwt.split(".");
  const decode = (part: string) => parseJson(Buffer.from(part, "base64url").toString("utf8"));
  if (rest.length > 0 || !header.safeParse(decode(head)).success) return undecodable;
  const key = createPublicKey(app.privateKey);
  const bytes = Buffer.from(signature, "base64url");
  if (!verify("RSA-SHA256", Buffer.from(`${head}.${payload}`), key, bytes)) return undecodable;
  const parsed = claims.safeParse(decode(payload));
  if (!parsed.success) return undecodable;
  const { iat, exp, iss } = parsed.data;
  if (iss !== String(app.id)) return "'Issuer' claim ('iss') must be an Integer";
  if (exp <= nowSeconds)
    return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
  if (exp - nowSeconds > tenMinutes + driftSeconds || exp - iat > tenMinutes + driftSeconds) {
    return "'Expiration time' claim ('exp') is too far in the future";
  }
  if (iat > nowSeconds + driftSeconds)
    return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
  return undefined;
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const prefix = "ghs_";
const macBytes = 15;

/**
 * Makes an installation token: `ghs_` and 36 characters that hold the installation, the expiry and
 * an HMAC, so that a token stays good when the server starts again.
 */
export function mintInstallationToken(
  key: string,
  installationId: number,
  nowSeconds: number,
): { token: string; expiresAt: Date } {
  const expiresAt = nowSeconds + hour;
  const body = Buffer.alloc(11);
  body.writeUIntBE(installationId, 0, 5);
  body.writeUInt32BE(expiresAt, 5);
  randomBytes(2).copy(body, 9);
  const token = prefix + toBase62(Buffer.concat([body, mac(key, body)]));
  return { token, expiresAt: new Date(expiresAt * 1000) };
}

/** Reads an installation token; undefined when it is forged, damaged or has expired. */
export function readInstallationToken(
  key: string,
  token: string,
  nowSeconds: number,
): { installationId: number } | undefined {
  if (!/^ghs_[0-9A-Za-z]{36}$/.test(token)) return undefined;
  const bytes = fromBase62(token.slice(prefix.length), 11 + macBytes);
  if (!bytes) return undefined;
  const body = bytes.subarray(0, 11);
  if (!timingSafeEqual(mac(key, body), bytes.subarray(11))) return undefined;
  return body.readUInt32BE(5) > nowSeconds ? { installationId: body.readUIntBE(0, 5) } : undefined;
}

function mac(key: string, body: Buffer): Buffer {
  return createHmac("sha256", key).update(body).digest().subarray(0, macBytes);
}

function toBase62(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (; rest > 0n; rest /= 62n) text = alphabet.charAt(Number(rest % 62n)) + text;
  return text.padStart(36, "0");
}

function fromBase62(text: string, length: number): Buffer | undefined {
  let value = 0n;
  for (const letter of text) value = value * 62n + BigInt(alphabet.indexOf(letter));
  const hex = value.toString(16).padStart(length * 2, "0");
  return hex.length === length * 2 ? Buffer.from(hex, "hex") : undefined;
}

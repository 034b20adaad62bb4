import { createHash, createHmac } from "node:crypto";
import type { FileSpec } from "../swarm-objects.ts";

/** All of a config or secret that cannot be changed once it is there. */
export interface FileContent {
  /** Null where a driver makes it. */
  readonly data: Uint8Array | null;
  /** Name of the driver that fills in its template; null for none. */
  readonly templating: string | null;
  readonly driver: NonNullable<FileSpec["Driver"]> | null;
}

/**
 * What a config or secret is told by: hex HMAC-SHA256 under the server's key, so that nobody can try out guesses of a
 * secret. Equal contents have equal keys.
 */
export function contentKeyOf(
  serverKey: Uint8Array,
  { data, templating, driver }: FileContent,
): string {
  const bytes = data === null ? null : Buffer.from(data).toString("base64");
  const options = Object.entries(driver?.Options ?? {}).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  );
  const made = driver === null ? null : [driver.Name, options];
  return createHmac("sha256", serverKey)
    .update(JSON.stringify([bytes, templating, made]))
    .digest("hex");
}

/** Hex digits of the key in the name of a new config or secret. */
const DIGITS = 12;

/** What an engine takes as the name of a config or secret. */
const LONGEST_NAME = 64;

/**
 * The name under which a config or secret is created: none with the same name has another content. A name that would be
 * too long is cut, and told from others with the same beginning by its digits.
 */
export function contentName(cliName: string, contentKey: string): string {
  const name = `${cliName}_${contentKey.slice(0, DIGITS)}`;
  if (name.length <= LONGEST_NAME) return name;
  const digits = createHash("sha256").update(`${cliName}\n${contentKey}`).digest("hex");
  return `${cliName.slice(0, LONGEST_NAME - DIGITS - 1)}_${digits.slice(0, DIGITS)}`;
}

import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { SkepError } from "./errors.ts";
import type { Ids } from "./ids.ts";

const KEY_BYTES = 32;
const FILE = "server.key";

/**
 * The key of this Skep, made at its first start and kept in the data folder: names of configs and secrets come from it
 * and their content, so that the names do not tell the content. Throws `settings_invalid` when the file is damaged.
 */
export async function openServerKey(dataDir: string, ids: Ids): Promise<Uint8Array> {
  const path = join(dataDir, FILE);
  return (await readKey(path)) ?? (await makeKey(path, ids));
}

async function readKey(path: string): Promise<Uint8Array | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const hex = text.trim();
  if (/^[0-9a-f]{64}$/.test(hex)) return Buffer.from(hex, "hex");
  throw new SkepError("settings_invalid", `reading ${path}: it is not a key of Skep's`, {
    nextStep:
      "Restore the file from a backup. Without it, remove it: configs and secrets get new names then, and services that use them restart once.",
  });
}

/** Written aside and renamed: a key cut short would change every name. */
async function makeKey(path: string, ids: Ids): Promise<Uint8Array> {
  const hex = ids.secret(KEY_BYTES);
  const aside = `${path}.new`;
  await rm(aside, { force: true });
  const file = await open(aside, "wx", 0o600);
  try {
    await file.writeFile(`${hex}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
  return Buffer.from(hex, "hex");
}

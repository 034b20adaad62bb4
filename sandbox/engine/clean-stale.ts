import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { rootPrefix } from "./privilege.ts";
import { isAlive, readRecord } from "./record.ts";

const run = promisify(execFile);
const KEEPER = join(import.meta.dirname, "keeper.sh");

/**
 * Removes what engines in the folders of `rootDir` left behind when they were killed, and leaves
 * alone those whose starter still runs. Returns the folders it removed.
 */
export async function cleanStale(rootDir: string): Promise<readonly string[]> {
  const entries = await readdir(rootDir, { withFileTypes: true }).catch(() => []);
  const removed: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const dir = join(rootDir, entry.name);
    if (await cleanEngine(dir)) removed.push(dir);
  }
  return removed;
}

async function cleanEngine(dir: string): Promise<boolean> {
  const record = await readRecord(dir);
  if (record === undefined || (await isAlive(record, record.starter))) return false;
  const init = (await isAlive(record, record.init)) ? record.init : "0:0";
  const [command, ...args] = [...(await rootPrefix()), "bash", KEEPER, "clean", dir];
  await run(command ?? "bash", [...args, record.veth, record.cgroup, init]);
  return true;
}

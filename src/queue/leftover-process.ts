import { readFile, rm } from "node:fs/promises";
import { z } from "zod";
import type { Clock } from "../clock.ts";

const record = z.object({ pid: z.number().int().positive(), startTime: z.string() });

const WAIT_MS = 5_000;
const POLL_MS = 10;

/**
 * When a process started, in ticks since the machine did; null when it is gone or the system does not tell (`/proc`).
 * A pid may be given to another process, but not together with this.
 */
export async function processStartTime(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => null);
  // The second field is the command in brackets, and may itself hold brackets and spaces.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? null : (fields?.[19] ?? null);
}

/** Kills the process that a file names, if that very process still runs, and removes the file. */
export async function killLeftover(pidFile: string, clock: Clock): Promise<void> {
  const left = record.safeParse(await readJson(pidFile));
  if (left.success) {
    const { pid, startTime } = left.data;
    const givesUpAt = clock.now() + WAIT_MS;
    while ((await processStartTime(pid)) === startTime && clock.now() < givesUpAt) {
      killQuietly(pid);
      await clock.sleep(POLL_MS);
    }
  }
  await rm(pidFile, { force: true });
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return null;
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended between the look and the kill.
  }
}

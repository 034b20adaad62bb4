import { DatabaseSync } from "node:sqlite";
import { SkepError } from "../errors.ts";

/**
 * Makes this process the only one on a data folder until it ends, however it ends: the lock is SQLite's own file
 * lock, which the kernel frees with the process. Throws `settings_invalid` when another process holds it.
 */
export function acquireProcessLock(file: string): { release(): void } {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
  } catch (error) {
    database.close();
    throw new SkepError(
      "settings_invalid",
      "opening the data folder: another Skep process uses it",
      {
        cause: error,
        nextStep: "Stop the other process, or give this one a data folder of its own (SKEP_DATA).",
      },
    );
  }
  return { release: () => database.close() };
}

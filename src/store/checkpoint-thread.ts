import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

/**
 * A thread that moves what was committed from SQLite's log into its file whenever it is told to. From a connection of
 * its own that holds up no writer; done by the writer, it made a burst of webhooks wait for four megabytes at a time.
 */
const database = new DatabaseSync(String(workerData), { timeout: 5_000 });
const checkpoint = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
parentPort?.on("message", () => {
  try {
    checkpoint.get();
  } catch {
    // Nothing is lost: the next one moves it, or the writer does when the log gets long.
  }
  parentPort?.postMessage("done");
});

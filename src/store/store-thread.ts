import { parentPort, workerData } from "node:worker_threads";
import type { Store } from "./ports.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { callStore, toPlainError, type StoreCall, type StoreNews } from "./thread-protocol.ts";

function tell(news: StoreNews): void {
  parentPort?.postMessage(news);
}

async function answer(store: Store, call: StoreCall): Promise<void> {
  try {
    tell({ kind: "done", id: call.id, result: await callStore(store, call) });
  } catch (error) {
    tell({ kind: "failed", id: call.id, error: toPlainError(error) });
  }
}

/** The thread that alone touches the store's file: it is this thread that waits for the disk, and no other. */
function serve(dir: string): void {
  const store = openSqliteStore(dir);
  // Told before the answer to the call that made it, as without a thread.
  store.onTransition((transition) => tell({ kind: "committed", transition }));
  parentPort?.on("message", (call: StoreCall) => void answer(store, call));
  tell({ kind: "opened" });
}

try {
  serve(String(workerData));
} catch (error) {
  tell({ kind: "refused", error: toPlainError(error) });
}

import { setImmediate } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { Store } from "./ports.ts";
import { startCheckpoints } from "./checkpoints.ts";
import { openSqliteStore, storeFile, type SqliteStore } from "./sqlite-store.ts";
import { callStore, toPlainError, type StoreCall, type StoreNews } from "./thread-protocol.ts";

/** Should nobody do checkpoints, the log may grow to 64 MB before this thread does one. */
const CHECKPOINT_PAGES = 16_000;

function tell(...news: readonly StoreNews[]): void {
  parentPort?.postMessage(news);
}

async function answer(store: Store, call: StoreCall): Promise<StoreNews> {
  const { id } = call;
  try {
    return { kind: "done", id, result: await callStore(store, call) };
  } catch (error) {
    return { kind: "failed", id, error: toPlainError(error) };
  }
}

/** Answers calls that came together, with one commit for all of them. */
async function answerAll(store: SqliteStore, calls: readonly StoreCall[]): Promise<void> {
  try {
    const work = () => Promise.all(calls.map((call) => answer(store, call)));
    tell(...(await store.together(work)));
  } catch (thrown) {
    const error = toPlainError(thrown);
    tell(...calls.map(({ id }) => ({ kind: "failed", id, error }) as const));
  }
}

/**
 * The thread that alone touches the store's file: it is this thread that waits for the disk, and no other. What is
 * asked while one commit is under way shares the next.
 */
function serve(dir: string): void {
  const store = openSqliteStore(dir, CHECKPOINT_PAGES);
  const checkpoints = startCheckpoints(storeFile(dir));
  let waiting: StoreCall[] = [];
  let isRunning = false;
  let isClosing = false;

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      // Messages that came during a commit are read in the next turn only.
      await setImmediate();
      const calls = waiting;
      waiting = [];
      await answerAll(store, calls);
      checkpoints.wrote(calls.length);
    }
    isRunning = false;
    if (!isClosing) return;
    await checkpoints.stop();
    await store.close();
    tell({ kind: "closed" });
  }

  // Told before the answer to the call that made it, as without a thread.
  store.onTransition((transition) => tell({ kind: "committed", transition }));
  parentPort?.on("message", (message: readonly StoreCall[] | "close") => {
    if (message === "close") isClosing = true;
    else waiting.push(...message);
    if (!isRunning) void run();
  });
  tell({ kind: "opened" });
}

try {
  serve(String(workerData));
} catch (error) {
  tell({ kind: "refused", error: toPlainError(error) });
}

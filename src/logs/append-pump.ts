import type { Clock } from "../clock.ts";
import { createAppendBuffer } from "./append-buffer.ts";
import { LONGEST_TEXT, type LogBatch } from "./log-recorder.ts";
import type { LogEntry } from "./ports.ts";

/** How an attempt to store lines ended. After `failed` they are tried again, after `lost` they are not. */
export type StoreResult = "stored" | "failed" | "lost";

/** Moves lines from the main thread to the worker: one message on the way at a time, the rest waits, bounded. */
export interface AppendPump {
  push(deploymentId: string, entries: readonly LogEntry[]): void;
  /** Resolves when all lines pushed before are stored, or when storing has just failed. */
  settle(): Promise<void>;
}

/** Lines of one message: copying them holds the main thread for about a millisecond. */
const BATCH_LINES = 1_000;
const GATHER_MS = 40;
const RETRY_MS = 1_000;
const MAX_WAITING_CHARS = 32 * 1024 * 1024;

/** A pump that lets at most `maxWaitingLines` wait; `onStored` hears which deployments have new lines. */
export function createAppendPump(deps: {
  readonly clock: Clock;
  readonly maxWaitingLines: number;
  store(batches: readonly LogBatch[]): Promise<StoreResult>;
  onStored(deploymentIds: readonly string[]): void;
}): AppendPump {
  const buffer = createAppendBuffer({
    maxLines: deps.maxWaitingLines,
    maxChars: MAX_WAITING_CHARS,
    longestText: LONGEST_TEXT,
  });
  let current: readonly LogBatch[] = [];
  let stored = 0;
  let isTimed = false;
  let running: Promise<void> | null = null;
  let waiting: { readonly upTo: number; readonly done: () => void }[] = [];

  function release(isReady: (upTo: number) => boolean): void {
    const ready = waiting.filter(({ upTo }) => isReady(upTo));
    waiting = waiting.filter(({ upTo }) => !isReady(upTo));
    for (const { done } of ready) done();
  }

  /** False when the lines could not be stored and stay `current`. */
  async function storeCurrent(): Promise<boolean> {
    const result = await deps.store(current);
    if (result === "failed") return false;
    if (result === "lost") buffer.lose(current);
    else deps.onStored(current.map((batch) => batch.deploymentId));
    current = [];
    stored = buffer.taken;
    release((upTo) => upTo <= stored);
    return result === "stored";
  }

  async function pump(): Promise<void> {
    let isGood = true;
    while (isGood && (current.length > 0 || !buffer.isEmpty)) {
      if (current.length === 0) current = buffer.take(BATCH_LINES);
      isGood = await storeCurrent();
    }
    running = null;
    if (isGood) return;
    release(() => true);
    schedule(RETRY_MS);
  }

  function run(): void {
    // With nothing to store, `pump` would end before it is remembered here, and never be started again.
    if (current.length > 0 || !buffer.isEmpty) running ??= pump();
  }

  function schedule(ms: number): void {
    if (isTimed || running !== null) return;
    isTimed = true;
    const start = (): void => {
      isTimed = false;
      run();
    };
    deps.clock.sleep(ms).then(start, start);
  }

  return {
    push(deploymentId, entries) {
      buffer.push(deploymentId, entries);
      if (!buffer.isEmpty) schedule(GATHER_MS);
    },
    async settle() {
      if (stored >= buffer.accepted && current.length === 0 && buffer.isEmpty) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ upTo: buffer.accepted, done: resolve });
      run();
      await promise;
    },
  };
}

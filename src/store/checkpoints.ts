import { Worker } from "node:worker_threads";

/** Checkpoints of one database, done beside its writer. */
export interface Checkpoints {
  /** Counts writes; begins a checkpoint when there were many since the last one began. */
  wrote(count: number): void;
  stop(): Promise<void>;
}

/** Some two megabytes of webhooks. */
const WRITES = 256;

/** Starts the thread that does them. */
export function startCheckpoints(file: string): Checkpoints {
  const worker = new Worker(new URL("./checkpoint-thread.ts", import.meta.url), {
    workerData: file,
  });
  worker.unref();
  let writes = 0;
  let isBusy = false;
  worker.on("message", () => (isBusy = false));
  return {
    wrote(count) {
      writes += count;
      if (isBusy || writes < WRITES) return;
      isBusy = true;
      writes = 0;
      worker.postMessage("checkpoint");
    },
    stop: async () => void (await worker.terminate()),
  };
}

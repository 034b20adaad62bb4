import { Worker } from "node:worker_threads";
import type { LogAnswer, LogRequest, WriterSettings } from "./log-protocol.ts";

/** One run of the log's worker thread, as the main thread sees it. */
export interface LogWorker {
  /** Resolves with the answer; rejects when the worker ends before it has answered. */
  ask(request: LogRequest): Promise<LogAnswer>;
  /** Ends it without waiting for what it does. */
  terminate(): Promise<void>;
}

interface Waiting {
  resolve(answer: LogAnswer): void;
  reject(error: Error): void;
}

/** Starts a worker. It does not keep the process alive. `onEnd` hears once what ended it. */
export function startLogWorker(settings: WriterSettings, onEnd: (cause: Error) => void): LogWorker {
  const worker = new Worker(new URL("./log-writer.ts", import.meta.url), { workerData: settings });
  worker.unref();
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let over: Error | null = null;

  function end(cause: Error): void {
    if (over !== null) return;
    over = cause;
    for (const waiter of waiting.values()) waiter.reject(cause);
    waiting.clear();
    onEnd(cause);
  }
  worker.on("message", ({ id, answer }: { id: number; answer: LogAnswer }) => {
    waiting.get(id)?.resolve(answer);
    waiting.delete(id);
  });
  worker.on("error", (error) => end(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => end(new Error(`exit code ${code}`)));

  return {
    ask(request) {
      if (over !== null) return Promise.reject(over);
      const id = ++asked;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, request });
      });
    },
    async terminate() {
      await worker.terminate();
    },
  };
}

import { SkepError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { LogAnswer, LogRequest, WriterSettings } from "./log-protocol.ts";
import { startLogWorker, type LogWorker } from "./log-worker.ts";

/** The log's worker thread, started again whenever it has ended. */
export interface WorkerKeeper {
  /** The worker's answer, `failed` included; throws `internal` (retryable) when it ended before it answered. */
  ask(request: LogRequest): Promise<LogAnswer>;
  /** Hides these values from now on, in later workers too. */
  redact(values: readonly string[]): void;
  /** Closes the file and ends the worker. */
  close(): Promise<void>;
}

/** Keeps a worker for `settings`. `ask` throws `settings_invalid` while the file cannot be opened. */
export function createWorkerKeeper(deps: {
  readonly settings: WriterSettings;
  readonly log: Logger;
}): WorkerKeeper {
  const secrets = new Set<string>();
  let running: Promise<LogWorker> | null = null;
  let isClosing = false;

  function onEnd(cause: Error): void {
    running = null;
    if (!isClosing) deps.log.error({ err: cause }, "the log's worker ended; it is started anew");
  }

  async function start(): Promise<LogWorker> {
    const worker = startLogWorker(deps.settings, onEnd);
    const opened = await worker.ask({ kind: "open" });
    if (opened.kind === "failed") {
      isClosing = true;
      await worker.terminate();
      isClosing = false;
      throw cannotOpen(deps.settings.file, opened.message);
    }
    if (opened.kind === "opened" && opened.setAside !== null)
      deps.log.error({ setAside: opened.setAside }, "the log file was damaged; a new one is begun");
    if (secrets.size > 0) await worker.ask({ kind: "redact", values: [...secrets] });
    return worker;
  }

  async function ask(request: LogRequest): Promise<LogAnswer> {
    running ??= start();
    const mine = running;
    try {
      return await (await mine).ask(request);
    } catch (error) {
      if (running === mine) running = null;
      throw error instanceof SkepError ? error : ended(error);
    }
  }

  return {
    ask,
    redact(values) {
      const fresh = values.filter((value) => !secrets.has(value));
      if (fresh.length === 0) return;
      for (const value of fresh) secrets.add(value);
      // A worker that is just starting may get them twice, which does no harm; one that ended gets them at its start.
      ask({ kind: "redact", values: fresh }).catch((error: unknown) =>
        deps.log.error({ err: error }, "handing new secrets to the log's worker"),
      );
    },
    async close() {
      if (running === null) return;
      try {
        const worker = await running;
        isClosing = true;
        await worker.ask({ kind: "close" });
        await worker.terminate();
      } catch (error) {
        deps.log.error({ err: error }, "closing the log");
      }
    },
  };
}

function cannotOpen(file: string, why: string): SkepError {
  return new SkepError("settings_invalid", `opening the log file ${file}: ${why}`, {
    nextStep: "Make sure that its folder exists, can be written and has free space.",
  });
}

function ended(cause: unknown): SkepError {
  return new SkepError("internal", "using the log: its worker has ended", {
    cause,
    retryable: true,
    nextStep: "Try again in a moment; the worker is started anew.",
  });
}

import type { Clock } from "../clock.ts";
import { SkepError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { createAppendPump, type StoreResult } from "./append-pump.ts";
import type { LogAnswer, LogRequest } from "./log-protocol.ts";
import type { LogBatch } from "./log-recorder.ts";
import type { LogArchive } from "./ports.ts";
import { createWorkerKeeper } from "./worker-keeper.ts";

/** What the log store needs. */
export interface LogStoreOptions {
  /** The database's path; its folder must be there. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Characters of output kept of one deployment, 128 Mi unless told; the log says when more was dropped. */
  readonly maxLogBytes?: number;
  /** Lines that may wait to be written, 50,000 unless told; the log says how many more were dropped. */
  readonly maxWaitingLines?: number;
}

const MAX_LOG_BYTES = 128 * 1024 * 1024;
const MAX_WAITING_LINES = 50_000;
/** Lines that end the worker this often are given up, so that they cannot hold up the rest for ever. */
const MAX_CRASHES = 3;

/**
 * Opens the logs: a database of their own, which a worker thread alone touches. Throws `settings_invalid` when it
 * cannot be opened. While lines cannot be written they wait, bounded; `flush` then resolves without them.
 */
export async function createLogStore(options: LogStoreOptions): Promise<LogArchive> {
  const { file, log, maxLogBytes = MAX_LOG_BYTES } = options;
  const keeper = createWorkerKeeper({ settings: { file, maxLogBytes }, log });
  const listeners = new Map<string, Set<() => void>>();
  let crashes = 0;
  let isClosed = false;

  async function store(batches: readonly LogBatch[]): Promise<StoreResult> {
    try {
      const answer = await keeper.ask({ kind: "record", batches });
      crashes = 0;
      if (answer.kind !== "failed") return "stored";
      log.error({ reason: answer.message }, "writing the log failed; it is tried again");
      return "failed";
    } catch (error) {
      log.error({ err: error }, "writing the log failed");
      crashes += 1;
      return crashes % MAX_CRASHES === 0 ? "lost" : "failed";
    }
  }

  function notify(deploymentId: string): void {
    for (const listener of listeners.get(deploymentId) ?? []) {
      try {
        listener();
      } catch (error) {
        log.error({ err: error }, "a listener of the log failed");
      }
    }
  }

  const pump = createAppendPump({
    clock: options.clock,
    maxWaitingLines: options.maxWaitingLines ?? MAX_WAITING_LINES,
    store,
    onStored: (ids) => ids.forEach(notify),
  });

  async function askSettled(request: LogRequest): Promise<LogAnswer> {
    if (!isClosed) await pump.settle();
    const answer = await keeper.ask(request);
    if (answer.kind !== "failed") return answer;
    throw new SkepError("internal", `reading the log: ${answer.message}`, {
      nextStep: "Look at Skep's own log; the log file may be damaged.",
    });
  }

  const opened = await keeper.ask({ kind: "last_seq", deploymentId: "" });
  if (opened.kind === "failed")
    throw new SkepError("internal", `reading the log: ${opened.message}`);

  return {
    append(deploymentId, entries) {
      if (!isClosed) pump.push(deploymentId, entries);
    },
    async read(deploymentId, range) {
      const answer = await askSettled({ kind: "read", deploymentId, ...range });
      return answer.kind === "lines" ? answer.lines : [];
    },
    async lastSeq(deploymentId) {
      const answer = await askSettled({ kind: "last_seq", deploymentId });
      return answer.kind === "count" ? answer.count : 0;
    },
    async prune(before) {
      const answer = await askSettled({ kind: "prune", before });
      return answer.kind === "count" ? answer.count : 0;
    },
    onAppend(deploymentId, listener) {
      const known = listeners.get(deploymentId) ?? new Set();
      listeners.set(deploymentId, known.add(listener));
      return () => {
        known.delete(listener);
        if (known.size === 0 && listeners.get(deploymentId) === known)
          listeners.delete(deploymentId);
      };
    },
    redact: (values) => keeper.redact(values),
    flush: () => pump.settle(),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await pump.settle();
      // What was dropped is said after the last line that was not.
      await pump.settle();
      await keeper.close();
    },
  };
}

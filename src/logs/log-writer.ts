import { parentPort, workerData } from "node:worker_threads";
import { toSkepError } from "../errors.ts";
import { openLogDatabase, type LogDatabase } from "./log-database.ts";
import type { LogAnswer, LogRequest, WriterSettings } from "./log-protocol.ts";
import { createLogRecorder, type LogRecorder } from "./log-recorder.ts";

interface Parts {
  readonly database: LogDatabase;
  readonly recorder: LogRecorder;
}

/**
 * The worker thread that alone touches the log's file: it cleans, redacts, compresses and writes, so that a noisy
 * build costs the main thread nothing but a copy.
 */
function serve(settings: WriterSettings): void {
  let parts: Parts | null = null;

  function open(): LogAnswer {
    const { database, setAside } = openLogDatabase(settings.file);
    parts = {
      database,
      recorder: createLogRecorder({ database, maxLogBytes: settings.maxLogBytes }),
    };
    return { kind: "opened", setAside };
  }

  function answer(request: LogRequest): LogAnswer {
    try {
      if (request.kind === "open") return open();
      return parts ? perform(request, parts) : { kind: "failed", message: "the file is not open" };
    } catch (error) {
      return { kind: "failed", message: toSkepError(error).message };
    }
  }

  parentPort?.on("message", ({ id, request }: { id: number; request: LogRequest }) => {
    const isLast = request.kind === "close";
    parentPort?.postMessage({ id, answer: answer(request) });
    if (isLast) parentPort?.close();
  });
}

function perform(
  request: Exclude<LogRequest, { kind: "open" }>,
  { database, recorder }: Parts,
): LogAnswer {
  switch (request.kind) {
    case "record":
      recorder.record(request.batches);
      return { kind: "done" };
    case "redact":
      recorder.redact(request.values);
      return { kind: "done" };
    case "read":
      return { kind: "lines", lines: database.read(request.deploymentId, request) };
    case "last_seq":
      return { kind: "count", count: database.lastSeq(request.deploymentId) };
    case "prune": {
      const count = database.prune(request.before);
      recorder.reset();
      return { kind: "count", count };
    }
    case "close":
      database.close();
      return { kind: "done" };
  }
}

serve(workerData);

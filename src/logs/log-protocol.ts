import type { LogBatch } from "./log-recorder.ts";
import type { LogLine } from "./ports.ts";

/** What the log's worker needs to start. */
export interface WriterSettings {
  readonly file: string;
  readonly maxLogBytes: number;
}

/** What the main thread asks of the worker; each is answered, in order. */
export type LogRequest =
  | { readonly kind: "open" }
  | { readonly kind: "record"; readonly batches: readonly LogBatch[] }
  | { readonly kind: "redact"; readonly values: readonly string[] }
  | {
      readonly kind: "read";
      readonly deploymentId: string;
      readonly afterSeq: number;
      readonly limit: number;
    }
  | { readonly kind: "last_seq"; readonly deploymentId: string }
  | { readonly kind: "prune"; readonly before: number }
  | { readonly kind: "close" };

/** The answer to one request. */
export type LogAnswer =
  | { readonly kind: "opened"; readonly setAside: string | null }
  | { readonly kind: "done" }
  | { readonly kind: "lines"; readonly lines: readonly LogLine[] }
  | { readonly kind: "count"; readonly count: number }
  | { readonly kind: "failed"; readonly message: string };

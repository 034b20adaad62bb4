import type { Phase } from "../deployment.ts";

/** One line of a deployment's log before it is stored. `text` is one line without its end; hostile. */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly phase: Phase | null;
  /** Who speaks: Skep itself, the image build, or a task of the service. */
  readonly stream: "skep" | "build" | "service";
  /** The build step or the task, for people; empty for Skep itself. */
  readonly source: string;
  readonly level: "info" | "error";
  readonly text: string;
}

/** A stored line. `seq` counts the lines of its deployment from 1, without gaps. */
export interface LogLine extends LogEntry {
  readonly seq: number;
}

/** Logs of deployments: redacted when written, live while written, there afterwards. */
export interface LogStore {
  /** Takes lines at once and never throws; they are readable within a fraction of a second. */
  append(deploymentId: string, entries: readonly LogEntry[]): void;
  /** Up to `limit` lines after `afterSeq`, oldest first, including those not yet on disk. */
  read(
    deploymentId: string,
    range: { readonly afterSeq: number; readonly limit: number },
  ): Promise<readonly LogLine[]>;
  /** Calls `listener` whenever a deployment has new lines. Returns the way to stop. */
  onAppend(deploymentId: string, listener: () => void): () => void;
  /**
   * Values that never reach the log from now on: each occurrence is written as `[REDACTED]`. Values of fewer than four
   * characters are left alone.
   */
  redact(values: readonly string[]): void;
  /** Resolves when everything taken so far is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** What the log store offers to its readers and its keeper, beyond what writers need. */
export interface LogArchive extends LogStore {
  /** Number of the newest line of a deployment, including those not yet on disk; 0 when it has none. */
  lastSeq(deploymentId: string): Promise<number>;
  /** Deletes the logs whose newest line is older than `before` (milliseconds since the epoch); returns how many. */
  prune(before: number): Promise<number>;
}

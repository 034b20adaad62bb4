import type { LogBatch } from "./log-recorder.ts";
import type { LogEntry } from "./ports.ts";

/** Lines on their way to the worker, bounded in number and size. */
export interface AppendBuffer {
  /** Lines that were ever let in. */
  readonly accepted: number;
  /** Lines of those that were taken out again. */
  readonly taken: number;
  /** Whether there is nothing to take out. */
  readonly isEmpty: boolean;
  /** Lets in what there is room for; the rest is counted, and the log will say how many are missing. */
  push(deploymentId: string, entries: readonly LogEntry[]): void;
  /** Takes out the oldest lines, up to `maxLines`, grouped by deployment; notices of missing lines come last. */
  take(maxLines: number): readonly LogBatch[];
  /** Counts lines as missing that were taken out but could not be kept. */
  lose(batches: readonly LogBatch[]): void;
}

interface Missing {
  readonly lines: number;
  readonly last: LogEntry;
}

interface Waiting {
  readonly deploymentId: string;
  readonly entry: LogEntry;
}

/** A buffer of about `maxLines` lines and `maxChars` characters, whose texts are cut at `longestText`. */
export function createAppendBuffer(bounds: {
  readonly maxLines: number;
  readonly maxChars: number;
  readonly longestText: number;
}): AppendBuffer {
  let queue: Waiting[] = [];
  let head = 0;
  const missing = new Map<string, Missing>();
  let chars = 0;
  let accepted = 0;
  let taken = 0;

  function hasRoom(deploymentId: string, entry: LogEntry): boolean {
    const lines = queue.length - head;
    // Skep's own lines are few, and tell how it ended.
    if (entry.stream === "skep") return lines < 2 * bounds.maxLines;
    // Once lines are missing, none are let in until the log has said so: what is missing is one piece.
    return lines < bounds.maxLines && chars < bounds.maxChars && !missing.has(deploymentId);
  }

  function miss(deploymentId: string, entry: LogEntry): void {
    const before = missing.get(deploymentId)?.lines ?? 0;
    missing.set(deploymentId, { lines: before + 1, last: { ...entry, text: "" } });
  }

  return {
    get accepted() {
      return accepted;
    },
    get taken() {
      return taken;
    },
    get isEmpty() {
      return head === queue.length && missing.size === 0;
    },
    push(deploymentId, entries) {
      for (const entry of entries) {
        if (!hasRoom(deploymentId, entry)) {
          miss(deploymentId, entry);
          continue;
        }
        const isLong = entry.text.length > bounds.longestText;
        const kept = isLong ? { ...entry, text: entry.text.slice(0, bounds.longestText) } : entry;
        queue.push({ deploymentId, entry: kept });
        accepted += 1;
        chars += kept.text.length;
      }
    },
    take(maxLines) {
      const out = queue.slice(head, head + maxLines);
      head += out.length;
      taken += out.length;
      for (const { entry } of out) chars -= entry.text.length;
      if (head * 2 > queue.length) {
        queue = queue.slice(head);
        head = 0;
      }
      if (queue.length === head) {
        for (const [deploymentId, { lines, last }] of missing)
          out.push({ deploymentId, entry: droppedNotice(lines, last) });
        missing.clear();
      }
      return groupByDeployment(out);
    },
    lose(batches) {
      for (const { deploymentId, entries } of batches)
        for (const entry of entries) miss(deploymentId, entry);
    },
  };
}

function groupByDeployment(lines: readonly Waiting[]): readonly LogBatch[] {
  const groups = new Map<string, LogEntry[]>();
  for (const { deploymentId, entry } of lines) {
    const group = groups.get(deploymentId);
    if (group) group.push(entry);
    else groups.set(deploymentId, [entry]);
  }
  return [...groups].map(([deploymentId, entries]) => ({ deploymentId, entries }));
}

function droppedNotice(count: number, last: LogEntry): LogEntry {
  const lines = `${count.toLocaleString("en-US")} ${count === 1 ? "line" : "lines"}`;
  const text = `… ${lines} dropped: output came faster than the log could be written`;
  return { at: last.at, phase: last.phase, stream: "skep", source: "", level: "error", text };
}

import { cleanText, cutText, CUT_NOTE } from "./clean-text.ts";
import { BLOCK_LINES, type LogDatabase, type LogHead, type LogWrite } from "./log-database.ts";
import type { LogEntry, LogLine } from "./ports.ts";
import { createRedactor } from "./redactor.ts";

/** New lines of one deployment, in order. */
export interface LogBatch {
  readonly deploymentId: string;
  readonly entries: readonly LogEntry[];
}

/** Turns entries into stored lines: cleaned, redacted, cut and numbered. */
export interface LogRecorder {
  redact(values: readonly string[]): void;
  /** Writes all batches in one transaction. When it throws, nothing was written and it may be tried again. */
  record(batches: readonly LogBatch[]): void;
  /** Forgets what it remembers of logs, for example because some were deleted. */
  reset(): void;
}

/** Longer texts are cut before they are looked at; their end, where half a secret may stand, is not kept. */
export const LONGEST_TEXT = 64 * 1024;
const UNSURE_END = 4 * 1024;
const MAX_HEADS = 64;
const MAX_SOURCE = 200;
const MAX_SOURCES = 1_000;

/**
 * Records into a database. `maxLogBytes` bounds the log of one deployment; beyond it only Skep's own lines are kept,
 * so that the end of the story is always told.
 */
export function createLogRecorder(deps: {
  readonly database: LogDatabase;
  readonly maxLogBytes: number;
}): LogRecorder {
  const redactor = createRedactor();
  const heads = new Map<string, LogHead>();
  const sources = new Map<string, string>();

  function storedSource(source: string): string {
    const known = sources.get(source);
    if (known !== undefined) return known;
    if (sources.size >= MAX_SOURCES) sources.clear();
    const stored = redactor.redact(
      "",
      cleanText(source.slice(0, MAX_SOURCE)).replaceAll("\t", " "),
    );
    sources.set(source, stored);
    return stored;
  }

  function storedText(deploymentId: string, entry: LogEntry): string {
    const redacted = redactor.redact(
      `${deploymentId} ${entry.stream} ${entry.source}`,
      cleanText(entry.text),
    );
    if (entry.text.length < LONGEST_TEXT) return cutText(redacted);
    const sure = cutText(redacted.slice(0, -UNSURE_END));
    return sure.endsWith(CUT_NOTE) ? sure : sure + CUT_NOTE;
  }

  function append(batch: LogBatch): { readonly head: LogHead; readonly write: LogWrite } {
    const head = heads.get(batch.deploymentId) ?? deps.database.head(batch.deploymentId);
    let bytes = head.bytes;
    const added: LogLine[] = [];
    const add = (line: LogEntry): void => {
      bytes += line.text.length;
      added.push({ ...line, seq: head.lastSeq + added.length + 1 });
    };
    for (const entry of batch.entries.flatMap(singleLines)) {
      const isFull = bytes > deps.maxLogBytes;
      if (isFull && entry.stream !== "skep") continue;
      const source = storedSource(entry.source);
      add({ ...entry, source, text: storedText(batch.deploymentId, entry) });
      if (!isFull && bytes > deps.maxLogBytes) add(fullNotice(entry, deps.maxLogBytes));
    }
    return next(batch.deploymentId, { head, added, bytes });
  }

  return {
    redact(values) {
      redactor.add(values);
      sources.clear();
    },
    record(batches) {
      const results = batches
        .filter((batch) => batch.entries.length > 0)
        .map((batch) => append(batch));
      deps.database.write(results.map((result) => result.write));
      for (const { head, write } of results) {
        heads.delete(write.deploymentId);
        heads.set(write.deploymentId, head);
      }
      for (const id of heads.keys()) {
        if (heads.size <= MAX_HEADS) break;
        heads.delete(id);
      }
    },
    reset: () => heads.clear(),
  };
}

function singleLines(entry: LogEntry): readonly LogEntry[] {
  if (!entry.text.includes("\n")) return [entry];
  return entry.text
    .replace(/\r?\n$/, "")
    .split("\n")
    .map((text) => ({ ...entry, text }));
}

function fullNotice(entry: LogEntry, limit: number): LogEntry {
  const text = `… this log has reached ${Math.round(limit / 1024 / 1024)} MiB: further output is dropped`;
  return { at: entry.at, phase: entry.phase, stream: "skep", source: "", level: "error", text };
}

function next(
  deploymentId: string,
  state: { readonly head: LogHead; readonly added: readonly LogLine[]; readonly bytes: number },
): { readonly head: LogHead; readonly write: LogWrite } {
  const { head, added, bytes } = state;
  const lines = [...head.openBlock, ...added];
  const blocks: (readonly LogLine[])[] = [];
  for (let at = 0; at < lines.length; at += BLOCK_LINES)
    blocks.push(lines.slice(at, at + BLOCK_LINES));
  const last = blocks.at(-1) ?? [];
  const openBlock = last.length < BLOCK_LINES ? last : [];
  return {
    head: { lastSeq: head.lastSeq + added.length, bytes, openBlock },
    write: { deploymentId, blocks: added.length > 0 ? blocks : [], bytes, at: lastAt(added) },
  };
}

function lastAt(lines: readonly LogLine[]): number {
  return lines.reduce((latest, line) => Math.max(latest, line.at), 0);
}

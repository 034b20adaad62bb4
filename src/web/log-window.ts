import { PHASES, type Phase } from "../deployment.ts";
import type { LogLine } from "../logs/ports.ts";
import type { WebLogs } from "./web-ports.ts";

/** Which lines a reader asked for. */
export interface LogQuery {
  /** Number of the first line to show; null: the end of the log. */
  readonly from: number | null;
  /** Words that a line must hold, in any case; empty for all lines. */
  readonly text: string;
  readonly phase: Phase | null;
  readonly stream: LogLine["stream"] | null;
}

/** The lines that one page shows. */
export interface LogWindow {
  readonly lines: readonly LogLine[];
  /** Number of the newest line of the whole log. */
  readonly total: number;
  /** Lines from `first` to `last` were looked at. */
  readonly first: number;
  readonly last: number;
}

/** The streams of a log, as a reader may choose them. */
export const STREAMS = ["skep", "build", "service"] as const satisfies readonly LogLine["stream"][];

/** Lines of one page. More are one link away, and all are in the text file. */
export const WINDOW_LINES = 3_000;
const READ_LINES = 1_000;

/** Reads a query from a page's address; what makes no sense there is ignored. */
export function parseLogQuery(query: Readonly<Record<string, string>>): LogQuery {
  const from = /^[1-9]\d{0,9}$/.test(query["from"] ?? "") ? Number(query["from"]) : null;
  return {
    from,
    text: (query["q"] ?? "").slice(0, 200),
    phase: PHASES.find((phase) => phase === query["phase"]) ?? null,
    stream: STREAMS.find((stream) => stream === query["stream"]) ?? null,
  };
}

/** Whether some lines are left out. */
export function isFiltered(query: LogQuery): boolean {
  return query.text.trim() !== "" || query.phase !== null || query.stream !== null;
}

/** The window that a query asks for: from a line on, else the end; of a filtered log, the first that match. */
export async function loadLogWindow(
  logs: WebLogs,
  deploymentId: string,
  query: LogQuery,
): Promise<LogWindow> {
  const total = await logs.lastSeq(deploymentId);
  const tail = isFiltered(query) ? 1 : Math.max(1, total - WINDOW_LINES + 1);
  const first = query.from ?? tail;
  const matches = lineFilter(query);
  const lines: LogLine[] = [];
  let last = first - 1;
  while (last < total && lines.length < WINDOW_LINES) {
    const limit = Math.min(READ_LINES, total - last);
    const read = await logs.read(deploymentId, { afterSeq: last, limit });
    if (read.length === 0) break;
    for (const line of read) {
      if (lines.length >= WINDOW_LINES) break;
      last = line.seq;
      if (matches(line)) lines.push(line);
    }
  }
  return { lines, total, first, last };
}

function lineFilter(query: LogQuery): (line: LogLine) => boolean {
  const words = query.text.toLowerCase().split(/\s+/).filter(Boolean);
  return (line) =>
    (query.phase === null || line.phase === query.phase) &&
    (query.stream === null || line.stream === query.stream) &&
    words.every((word) => `${line.source} ${line.text}`.toLowerCase().includes(word));
}

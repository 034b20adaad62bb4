import type { Readable } from "node:stream";
import type { ServiceLine } from "../ports.ts";

/** A line of a container longer than this comes in pieces; the engine cuts at 16 KiB and Skep joins up to here. */
const MAX_LINE_BYTES = 64 * 1024;
const HEADER_BYTES = 8;
/** The engine's own words in the stream, e.g. that a node could not be asked. */
const SYSTEM_STREAM = 3;

interface Frame {
  readonly stream: number;
  readonly content: Buffer;
}

/** The line, and its time as the engine wrote it (nanoseconds, sortable as text). */
export interface StampedLine {
  readonly line: ServiceLine;
  readonly stamp: string;
}

/**
 * Reads the engine's log format (8-byte headers; each message with timestamp and details) into lines. A message
 * without a line end is joined with the next one of the same task and stream.
 */
export async function* readServiceLines(source: Readable): AsyncGenerator<StampedLine> {
  const pending = new Map<string, Message>();
  for await (const frame of readFrames(source)) {
    const message = parseMessage(frame);
    if (message === null) continue;
    const key = `${message.taskId} ${message.stream}`;
    const earlier = pending.get(key);
    const joined = earlier
      ? { ...earlier, text: Buffer.concat([earlier.text, message.text]) }
      : message;
    if (joined.text.at(-1) === 0x0a || joined.text.length >= MAX_LINE_BYTES) {
      pending.delete(key);
      yield toLine(joined);
    } else {
      pending.set(key, joined);
    }
  }
  for (const message of pending.values()) yield toLine(message);
}

async function* readFrames(source: Readable): AsyncGenerator<Frame> {
  let buffered: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    let offset = 0;
    while (buffered.length - offset >= HEADER_BYTES) {
      const end = offset + HEADER_BYTES + buffered.readUInt32BE(offset + 4);
      if (buffered.length < end) break;
      const content = buffered.subarray(offset + HEADER_BYTES, end);
      yield { stream: buffered.readUInt8(offset), content };
      offset = end;
    }
    buffered = buffered.subarray(offset);
  }
}

interface Message {
  readonly taskId: string;
  readonly stream: "stdout" | "stderr";
  readonly stamp: string;
  readonly text: Buffer;
}

/** `<RFC 3339 time> <key=value,…> <text>`; null for what no task said. */
function parseMessage({ stream, content }: Frame): Message | null {
  if (stream === SYSTEM_STREAM) return null;
  const stampEnd = content.indexOf(" ");
  const detailsEnd = content.indexOf(" ", stampEnd + 1);
  if (stampEnd < 0 || detailsEnd < 0) return null;
  const details = content.toString("utf8", stampEnd + 1, detailsEnd);
  const taskId = /(?:^|,)com\.docker\.swarm\.task\.id=([^,]*)/u.exec(details)?.[1];
  if (taskId === undefined) return null;
  return {
    taskId,
    stream: stream === 2 ? "stderr" : "stdout",
    stamp: content.toString("latin1", 0, stampEnd),
    text: content.subarray(detailsEnd + 1),
  };
}

function toLine({ taskId, stream, stamp, text }: Message): StampedLine {
  const line = text.toString("utf8").replace(/\r?\n$/u, "");
  return { line: { taskId, stream, at: Date.parse(stamp), text: line }, stamp };
}

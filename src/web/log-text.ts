import type { LogLine } from "../logs/ports.ts";
import type { WebLogs } from "./web-ports.ts";

const READ_LINES = 1_000;

/** A whole log as plain text, read only as fast as it is taken. */
export function logText(logs: WebLogs, deploymentId: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let last = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const lines = await logs.read(deploymentId, { afterSeq: last, limit: READ_LINES });
        last = lines.at(-1)?.seq ?? last;
        if (lines.length === 0) controller.close();
        else controller.enqueue(encoder.encode(lines.map(textLine).join("")));
      },
    },
    { highWaterMark: 0 },
  );
}

function textLine(line: LogLine): string {
  const source = line.source === "" ? "" : ` [${line.source}]`;
  const level = line.level === "error" ? " error:" : "";
  const from = `${new Date(line.at).toISOString()} ${line.phase ?? "-"} ${line.stream}${source}`;
  return `${from}${level} ${line.text}\n`;
}

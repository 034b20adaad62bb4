import type { Logger } from "../../src/logger.ts";

/** A log that keeps what it is told. */
export interface RecordedLog extends Logger {
  readonly lines: readonly { level: string; message: string; data: object }[];
}

/** Keeps log lines for the test to look at instead of printing them. */
export function createRecordedLog(): RecordedLog {
  const lines: { level: string; message: string; data: object }[] = [];
  const at = (level: string) => (data: object, message: string) =>
    void lines.push({ level, message, data });
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

import type { LogEntry } from "../../src/logs/ports.ts";

/** A line of the image build. */
export function logEntry(text: string, overrides: Partial<LogEntry> = {}): LogEntry {
  return {
    at: Date.UTC(2026, 0, 5, 12, 3, 10),
    phase: "build",
    stream: "build",
    source: "[2/5] RUN npm ci",
    level: "info",
    text,
    ...overrides,
  };
}

/** A length of time for people: `850 ms`, `12.3 s`, `4 m 05 s`, `1 h 02 m`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${two(Math.floor((seconds % 3_600) / 60))} m`;
}

/** The time of day in UTC, `12:03:10`. */
export function formatTimeOfDay(at: number): string {
  return formatInstant(at).slice(11, 19);
}

/** A moment as GitHub takes it: ISO 8601 in UTC, whole seconds. */
export function formatInstant(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/u, "Z");
}

/** A moment for people, `2026-01-05 12:03 UTC`. */
export function formatMinute(at: number): string {
  return `${formatInstant(at).slice(0, 16).replace("T", " ")} UTC`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A moment of late for people, `5 Jan, 12:03 UTC`. */
export function formatDayTime(at: number): string {
  const [, month, day] = formatInstant(at).slice(0, 10).split("-").map(Number);
  return `${day} ${MONTHS[(month ?? 1) - 1]}, ${formatTimeOfDay(at).slice(0, 5)} UTC`;
}

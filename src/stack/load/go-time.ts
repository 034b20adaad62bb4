const DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const SPACED = /^(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?$/;
const ZONED =
  /^(\d{4})-(\d{1,2})-(\d{1,2})[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d{2}:\d{2})$/;

/** The timestamp as Go prints it (`2020-01-01 00:00:00 +0000 UTC`), or null where yaml.v3 sees none. */
export function printTimestamp(text: string): string | null {
  const match = DATE.exec(text) ?? SPACED.exec(text) ?? ZONED.exec(text);
  if (match === null) return null;
  const [, year = "", ...rest] = match;
  const [month = 1, day = 1, hour = 0, minute = 0, second = 0] = rest
    .slice(0, 5)
    .map((part) => Number(part ?? 0));
  if (!isDay(Number(year), month, day) || hour > 23 || minute > 59 || second > 59) return null;
  const zone = printZone(match[8]);
  if (zone === null) return null;
  const pad = (part: number): string => String(part).padStart(2, "0");
  const fraction = (match[7] ?? "").slice(0, 9).replace(/0+$/, "");
  const clock = `${pad(hour)}:${pad(minute)}:${pad(second)}${fraction === "" ? "" : `.${fraction}`}`;
  return `${year}-${pad(month)}-${pad(day)} ${clock} ${zone}`;
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day <= days;
}

function printZone(zone: string | undefined): string | null {
  if (zone === undefined || zone === "Z") return "+0000 UTC";
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 24 || minutes > 60) return null;
  if (hours === 0 && minutes === 0) return "+0000 UTC";
  const offset = zone.replace(":", "");
  return `${offset} ${offset}`;
}

/** The longest line that a log keeps, in bytes of UTF-8. */
export const MAX_LINE_BYTES = 8 * 1024;

const ESCAPE = "\u001b";
const CSI = `(?:${ESCAPE}\\[|\u009b)[0-?]*[ -/]*[@-~]`;
/** Operating-system commands and their kin: a string up to BEL or ST. Hyperlinks and window titles are of this kind. */
const STRING_SEQUENCE = `(?:${ESCAPE}[\\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007${ESCAPE}\u009c]*(?:\u0007|${ESCAPE}\\\\|\u009c)?`;
const OTHER_ESCAPE = `${ESCAPE}[ -/]*[0-~]?`;
const SEQUENCES = new RegExp(`${STRING_SEQUENCE}|${CSI}|${OTHER_ESCAPE}`, "g");

/** C0 and C1 controls but the tab, and the marks that make text read in another order than it is written. */
const UNSEEN =
  "[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]";
const INVISIBLE = new RegExp(UNSEEN, "g");
const SEPARATORS = /[\u2028\u2029]/g;
const SUSPECT = new RegExp(`${UNSEEN}|[\u2028\u2029\ud800-\udfff]`);

/**
 * One line as a person shall read it: no escape sequence, no control character, and of a line that overwrote itself
 * (a progress bar) what stood there last.
 */
export function cleanText(raw: string): string {
  if (!SUSPECT.test(raw)) return raw;
  const plain = raw.replace(SEQUENCES, "");
  return lastOverwrite(plain).replace(SEPARATORS, " ").replace(INVISIBLE, "").toWellFormed();
}

function lastOverwrite(text: string): string {
  if (!text.includes("\r")) return text;
  const parts = text.split("\r").filter((part) => part.trim() !== "");
  return parts.at(-1) ?? "";
}

/** Shortens a line to `MAX_LINE_BYTES`, never inside a character, and says so at its end. */
export function cutText(text: string): string {
  if (text.length * 3 <= MAX_LINE_BYTES) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_LINE_BYTES) return text;
  let end = MAX_LINE_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.subarray(0, end).toString()}${CUT_NOTE}`;
}

/** Stands at the end of a line that was longer than a log keeps. */
export const CUT_NOTE = ` … line cut at ${MAX_LINE_BYTES / 1024} KiB`;

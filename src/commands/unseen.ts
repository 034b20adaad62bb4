/**
 * Characters that nobody sees, or that look like a blank and are none: controls but the tab, zero-width and bidirectional
 * marks, every blank but the space, fillers, lone surrogates.
 */
export const UNSEEN = /(?![\t ])[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

const FIRST_UNSEEN = new RegExp(UNSEEN.source, "u");

/** Told at once of nearly every line. */
const PLAIN = /^[\t -~]*$/;

/** `U+200B` for the first invisible character of a text; null when there is none. */
export function nameUnseen(text: string): string | null {
  if (PLAIN.test(text)) return null;
  const code = FIRST_UNSEEN.exec(text)?.[0].codePointAt(0);
  return code === undefined ? null : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The text without them, blanks turned into spaces: what a person believes to read. */
export function asSeen(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSEEN, (unseen) => (/\p{Z}|\u2800/u.test(unseen) ? " " : ""));
}

/** No line of a plan is longer, in characters. */
export const LONGEST_LINE = 200;

/** The text, cut off with `…` so that it has at most so many characters. */
export function shorten(text: string, most: number = LONGEST_LINE): string {
  if (text.length <= most) return text;
  // A cut may fall between the two halves of one character.
  return `${text.slice(0, Math.max(0, most - 1)).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}

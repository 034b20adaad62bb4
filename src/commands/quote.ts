import { UNSEEN } from "./unseen.ts";

const LONGEST_QUOTE = 40;
const LONGEST_COPY = 80;

/** A word of hostile text as inline code for a message: one line, visible characters, no backtick, short. */
export function quote(word: string): string {
  const plain = word
    .slice(0, LONGEST_QUOTE)
    .replace(UNSEEN, "")
    .replaceAll("\t", " ")
    .replaceAll("`", "'")
    .trim();
  if (plain === "") return "that";
  return word.length > LONGEST_QUOTE ? `\`${plain}…\`` : `\`${plain}\``;
}

/** Whether a line may be given back to be copied as it is: short, and of letters, digits and the marks of versions. */
export function isCopyable(line: string): boolean {
  return line.length <= LONGEST_COPY && /^[A-Za-z0-9 ./_+-]*$/u.test(line);
}

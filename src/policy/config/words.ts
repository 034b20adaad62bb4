/**
 * Splits a command line into words like the Docker CLI (google/shlex): quotes group, a backslash escapes, a `#` at the
 * start of a word begins a comment, nothing is expanded. Null when a quote or an escape is not ended.
 */
export function splitWords(text: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  const characters = Array.from(text);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (isSpace(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === "#" && word === null) {
      const end = characters.indexOf("\n", at);
      at = end < 0 ? characters.length : end;
    } else if (character === '"' || character === "'") {
      const quoted = readQuoted(characters, at);
      if (quoted === null) return null;
      word = (word ?? "") + quoted.text;
      at = quoted.end;
    } else if (character === "\\") {
      at += 1;
      const escaped = characters[at];
      if (escaped === undefined) return null;
      word = (word ?? "") + escaped;
    } else {
      word = (word ?? "") + character;
    }
  }
  return word === null ? words : [...words, word];
}

/** The text between the quote at `start` and its partner; a backslash escapes in double quotes only. */
function readQuoted(
  characters: readonly string[],
  start: number,
): { readonly text: string; readonly end: number } | null {
  const quote = characters[start];
  let text = "";
  for (let at = start + 1; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === quote) return { text, end: at };
    if (character === "\\" && quote === '"') {
      at += 1;
      const escaped = characters[at];
      if (escaped === undefined) return null;
      text += escaped;
    } else {
      text += character;
    }
  }
  return null;
}

function isSpace(character: string): boolean {
  return character === " " || character === "\t" || character === "\r" || character === "\n";
}

/** Words of a command as a shell splits them: quotes, backslashes and `#` comments, no variables. Null: a quote is open. */
export function shellWords(text: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote = "";
  let isEscaped = false;
  let isComment = false;
  for (const char of text) {
    if (isComment) {
      isComment = char !== "\n";
    } else if (isEscaped) {
      word = `${word ?? ""}${char}`;
      isEscaped = false;
    } else if (char === "\\" && quote !== "'") {
      word ??= "";
      isEscaped = true;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word = `${word ?? ""}${char}`;
    } else if (char === '"' || char === "'") {
      word ??= "";
      quote = char;
    } else if (" \t\r\n".includes(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === "#" && word === null) {
      isComment = true;
    } else {
      word = `${word ?? ""}${char}`;
    }
  }
  if (isEscaped || quote !== "") return null;
  return word === null ? words : [...words, word];
}

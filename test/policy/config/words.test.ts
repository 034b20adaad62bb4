import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitWords } from "../../../src/policy/config/words.ts";

describe("splitWords", () => {
  it.each<[string, readonly string[] | null]>([
    ["", []],
    ["  ", []],
    ["npm start", ["npm", "start"]],
    [" a\tb\r\nc ", ["a", "b", "c"]],
    [`sh -c "echo 'a b'"`, ["sh", "-c", "echo 'a b'"]],
    [`sh -c 'echo "a\\b"'`, ["sh", "-c", 'echo "a\\b"']],
    [`"a\\"b"`, ['a"b']],
    [`"a\\nb"`, ["anb"]],
    ["a\\ b", ["a b"]],
    [`a"b c"d`, ["ab cd"]],
    [`""`, [""]],
    [`a '' b`, ["a", "", "b"]],
    ["a b # a comment", ["a", "b"]],
    ["a #b\nc", ["a", "c"]],
    ["a#b", ["a#b"]],
    ["'#a'", ["#a"]],
    ["echo $HOME *.js", ["echo", "$HOME", "*.js"]],
    ["é 🐝 x", ["é", "🐝", "x"]],
    [`"open`, null],
    ["'open", null],
    ["a\\", null],
    [`"a\\`, null],
  ])("%s", (text, expected) => {
    expect(splitWords(text)).toEqual(expected);
  });

  it("gives back the words of any quoted list", () => {
    const quote = (word: string): string =>
      `"${word.replaceAll(/["\\]/g, (found) => `\\${found}`)}"`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), (words) => {
        expect(splitWords(words.map(quote).join(" "))).toEqual(words);
      }),
    );
  });
});

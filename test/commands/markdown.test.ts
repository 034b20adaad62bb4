import fc from "fast-check";
import type { Token } from "marked";
import { lexer } from "marked";
import { describe, expect, it } from "vitest";
import { parseComment } from "../../src/commands/parse.ts";

/** The parts of a comment that are code, or that nobody sees. */
function hiddenIn(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token): readonly string[] => {
    const isHidden =
      token.type === "code" || (token.type === "html" && /<!--|<pre/u.test(token.raw));
    if (isHidden) return [token.raw];
    return "tokens" in token && token.tokens !== undefined ? hiddenIn(token.tokens) : [];
  });
}

// Lists are left out: the renderer lets a fence in a list go on where GitHub's ends it with the list.
const line = fc.constantFrom(
  "/deploy HERE",
  "  /deploy HERE",
  "    /deploy HERE",
  "> /deploy HERE",
  "`/deploy HERE`",
  "<!-- /deploy HERE -->",
  "text",
  "",
  "",
  "# heading",
  "> quote",
  "```",
  "   ```",
  "```sh",
  "````",
  "~~~",
  "~~~ a ` b",
  "<!--",
  "text <!-- text",
  "-->",
  "text -->",
  "<!-- a --> text",
  "<pre>",
  "</pre> text",
  "text `<!--` text",
);

describe("a comment as a Markdown renderer reads it", () => {
  it("hides no line that counts as a command", () => {
    let commands = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), (lines) => {
        let count = 0;
        const body = lines.join("\n").replaceAll("HERE", () => `environment-${count++}.`);
        const hidden = hiddenIn(lexer(body));
        for (const { text } of parseComment(body)) {
          const place = /environment-\d+\./u.exec(text)?.[0] ?? "nowhere";
          expect(hidden.filter((part) => part.includes(place))).toEqual([]);
          commands++;
        }
      }),
      { numRuns: 10_000 },
    );
    expect(commands).toBeGreaterThan(1_000);
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { VERBS } from "../../src/command.ts";
import { parseComment } from "../../src/commands/parse.ts";
import { USAGE } from "../../src/commands/usage.ts";

const page = readFileSync("docs/commands.md", "utf8");

describe("the page on commands", () => {
  it("has a row for each command, in the words of /help", () => {
    const rows = page.split("\n").filter((line) => line.startsWith("| `/"));
    const expected = VERBS.map((verb) => {
      const { usage, summary, example } = USAGE[verb];
      return `| \`${usage}\` | ${summary}. | \`${example}\` |`;
    });
    expect(rows).toEqual(expected);
  });

  it("has examples that are commands", () => {
    for (const verb of VERBS) {
      expect(parseComment(USAGE[verb].example)).toMatchObject([
        { kind: "command", command: { verb } },
      ]);
    }
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Command } from "../../src/command.ts";
import { VERBS } from "../../src/command.ts";
import { FOREIGN_WORDS, LATER_VERBS } from "../../src/commands/foreign-words.ts";
import type { Line } from "../../src/commands/parse.ts";
import { MAX_COMMANDS, parseComment, printCommand } from "../../src/commands/parse.ts";
import { USAGE } from "../../src/commands/usage.ts";
import { COMMENTS } from "./comments.ts";

function show(line: Line): string {
  if (line.kind === "reply") {
    const meant = line.suggestion === null ? "" : `, meant ${line.suggestion}`;
    return `${line.line}: ${line.code}${meant}`;
  }
  const { command } = line;
  const at = command.verb === "deploy" && command.at !== null ? ` at ${command.at}` : "";
  return `${line.line}: ${command.verb}(${command.words.join(", ")})${at}`;
}

function messageOf(comment: string): string {
  const [line] = parseComment(comment);
  return line?.kind === "reply" ? line.message : "";
}

describe.each(Object.entries(COMMENTS))("%s", (_, rows) => {
  it.each(rows.map(([comment, ...outcomes]) => ({ comment, outcomes })))(
    "$comment",
    ({ comment, outcomes }) => {
      expect(parseComment(comment).map(show)).toEqual(outcomes);
    },
  );
});

describe("the table", () => {
  it("holds enough comments to be read as the documentation", () => {
    const rows = Object.values(COMMENTS).flat();
    expect(rows.length).toBeGreaterThanOrEqual(200);
    expect(new Set(rows.map(([comment]) => comment)).size).toBe(rows.length);
  });
});

describe("a line", () => {
  it("is told with its text as typed", () => {
    const [line] = parseComment("hello\n  /deploy  staging <!-- x --> ");
    expect(line).toMatchObject({ line: 2, text: "  /deploy  staging <!-- x --> " });
  });
});

describe("a reply", () => {
  it.each([
    ["/deplyo", "`/deplyo` is not a command: did you mean `/deploy`?"],
    ["/deploy!", "`/deploy!` is not a command: did you mean `/deploy`?"],
    ["/plan", "`/plan` is not supported yet"],
    [
      "/deploy --force",
      "`--force` is a flag, and `/deploy` has none: write `/deploy [app] [to] [environment] [at <tag, branch or commit>]`",
    ],
    ["/status a b c", "too many words for `/status`: write `/status [app] [environment]`"],
    [
      "/deploy a\u200bb",
      "there is an invisible character (U+200B) in the command: type it again by hand",
    ],
    ["/cancel at v1", "`/cancel` takes no `at`: write `/cancel [app] [environment]`"],
    ["/help deplyo", "there is no command `deplyo`: did you mean `/help deploy`?"],
    [
      `/retry ${"x".repeat(300)}`,
      "a word is longer than 255 characters: write `/retry [app] [environment]`",
    ],
  ])("to %j says what is wrong and what to do", (comment, message) => {
    expect(messageOf(comment)).toBe(message);
  });

  it("quotes what was typed without its backticks, and short", () => {
    expect(messageOf(`/deploy --a\`b@everyone${"c".repeat(100)}`)).toMatch(
      /^`--a'b@everyonec+…` is a flag/u,
    );
    expect(messageOf("/help `<b>`")).toMatch(/^there is no command `'<b>'`: /u);
  });

  it("to more commands than are read names the limit", () => {
    expect(parseComment("/status\n".repeat(11)).at(-1)).toMatchObject({
      line: 11,
      message: "more than 10 commands in one comment: write this one and those after it in another",
    });
  });
});

describe("words that are not ours", () => {
  it.each([...FOREIGN_WORDS])("/%s is left alone", (word) => {
    expect(parseComment(`/${word}`)).toEqual([]);
    expect(parseComment(`/${word.toUpperCase()} x`)).toEqual([]);
  });

  it("are no verbs", () => {
    const ours: readonly string[] = [...VERBS, ...LATER_VERBS];
    expect(ours.filter((verb) => FOREIGN_WORDS.has(verb))).toEqual([]);
    expect(VERBS.filter((verb) => LATER_VERBS.has(verb))).toEqual([]);
  });
});

describe("the usages", () => {
  it.each(VERBS)("of /%s begin with it and give a good example", (verb) => {
    const { usage, summary, example } = USAGE[verb];
    expect(usage.split(" ")[0]).toBe(`/${verb}`);
    expect(summary).toMatch(/^[A-Z].*[^.]$/u);
    expect(parseComment(example)).toMatchObject([{ kind: "command", command: { verb } }]);
  });
});

const markdownPiece = fc.constantFrom(
  "/deploy",
  "/rollback ",
  "/deplyo",
  "/help ",
  "/plan",
  " to ",
  " at ",
  "staging",
  "--force",
  "```",
  "~~~",
  "> ",
  "- ",
  "    ",
  "\t",
  "<!--",
  "-->",
  "<pre>",
  "</pre>",
  "`",
  "@x",
  "\n",
  "\r\n",
  "\u200b",
  "\u202e",
  "\u00a0",
  "\ud800",
  "x".repeat(300),
  "/",
  "é",
  "\n",
  "\n/",
);
const anyComment = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(fc.oneof(markdownPiece, fc.string({ maxLength: 5 })), { maxLength: 60 })
    .map((parts) => parts.join("")),
);

const word = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  .filter((text) => !/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]|<!--/u.test(text))
  .filter((text) => !/^[-\u2010-\u2015\u2212]/u.test(text))
  .filter((text) => !["to", "at"].includes(text.toLowerCase()));
const words = (most: number): fc.Arbitrary<string[]> => fc.array(word, { maxLength: most });
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ verb: fc.constant("deploy" as const), words: words(2), at: fc.option(word) }),
  fc.record({ verb: fc.constant("rollback" as const), words: words(3) }),
  fc.record({
    verb: fc.constantFrom("status", "history", "resume", "cancel", "retry"),
    words: words(2),
  }),
  fc.record({
    verb: fc.constant("help" as const),
    words: fc.array(fc.constantFrom(...VERBS), { maxLength: 1 }),
  }),
);

describe("any text", () => {
  it("has at most one outcome a line, on lines that begin with a slash", () => {
    fc.assert(
      fc.property(anyComment, (body) => {
        const lines = parseComment(body);
        const typed = body.split(/\r\n|\n|\r/u);
        expect(lines.length).toBeLessThanOrEqual(MAX_COMMANDS + 1);
        expect(new Set(lines.map(({ line }) => line)).size).toBe(lines.length);
        for (const { line, text } of lines) {
          expect(text).toBe(typed[line - 1]);
          expect(text).toMatch(/^[\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]*\//u);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("is echoed at most 80 characters long, and never live", () => {
    // The letters stand for what is typed; no message of ours holds them.
    const hostile = fc.array(fc.constantFrom("§", "¶", "`", "@", "<", "\u202e", "\u200b", "\n"), {
      minLength: 1,
      maxLength: 300,
    });
    const prefix = fc.constantFrom("/deploy --", "/help ", "/deplyo ", "/dep", "/deploy at ", "/");
    fc.assert(
      fc.property(prefix, hostile, (start, parts) => {
        for (const line of parseComment(`${start}${parts.join("")}`)) {
          if (line.kind === "command") continue;
          expect(line.message.length).toBeLessThan(300);
          expect(line.message.match(/[§¶@<]/gu)?.length ?? 0).toBeLessThanOrEqual(80);
          const outsideCode = line.message.replaceAll(/`[^`]*`/gu, "");
          expect(outsideCode).not.toMatch(/[§¶@<`\n\p{Cf}]/u);
          expect(line.suggestion ?? "").toMatch(/^[A-Za-z0-9 ./_+-]{0,80}$/u);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("that is a command prints to a line that is the same command", () => {
    fc.assert(
      fc.property(anyCommand, (command) => {
        expect(parseComment(printCommand(command))).toMatchObject([{ kind: "command", command }]);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(anyComment, (body) => {
        for (const line of parseComment(body)) {
          if (line.kind === "reply") continue;
          const [again] = parseComment(printCommand(line.command));
          expect(again).toMatchObject({ kind: "command", command: line.command });
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe("a comment as long as GitHub allows", () => {
  const LONGEST = 65_536;
  const fill = (piece: string): string =>
    piece.repeat(Math.ceil(LONGEST / piece.length)).slice(0, LONGEST);

  it.each([
    "/deploy\n",
    "/deplyo\n",
    "/lgtm\n",
    "/xxxxxxxx\n",
    "/",
    " ",
    "\t",
    "\n",
    "\r",
    "/\n",
    "- ",
    "1. ",
    "`",
    "``` ",
    "```\n",
    "~",
    "~~~a\n",
    "<!--",
    "<!---->",
    "-->",
    "<!-- `",
    "`<!--` ",
    "<pre>\n",
    "> ",
    "\u200b",
    "\u00a0",
    "\u00a0/",
    "/\u200b",
    "/deploy ",
    "/deploy to ",
    "/a.",
    "/deploy.",
    "/......\n",
    "- ```\n",
    "x\n/y\n",
    "\u200b\u200b\n",
    "   \u200b \n",
    "İ</pre>",
  ])("of %j is read in no time", (piece) => {
    const starts = [
      "",
      "/\n",
      "/deploy ",
      "/deplyo ",
      "/help ",
      "/<pre>\n",
      "/<!--\n",
      "\u200b/",
      "/\n- ```\n",
      "/`",
    ];
    const comments = starts.map((start) => `${start}${fill(piece)}`);
    const begun = process.cpuUsage();
    for (const comment of comments) parseComment(comment);
    const { user } = process.cpuUsage(begun);
    // In microseconds of this process, whatever else the machine does. Some milliseconds for each of the ten; what is
    // not linear takes seconds.
    expect(user).toBeLessThan(500_000);
  });
});

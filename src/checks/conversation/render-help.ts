import { VERBS, type Verb } from "../../command.ts";
import { USAGE } from "../../commands/usage.ts";
import { cellCode, codeSpan, prose } from "../markdown.ts";

/** The command that `/help deploy` asks about; null when it names none. */
function askedAbout(line: string): Verb | null {
  const [, word = ""] = line.trim().split(/\s+/u);
  const name = word.replace(/^\//u, "").toLowerCase();
  return VERBS.find((verb) => verb === name) ?? null;
}

/** The command that `line` (`/help deploy`) asks about, or all: a heading, a table and an example. */
export function renderHelp(line: string): string {
  const asked = askedAbout(line);
  const rows = (asked === null ? VERBS : [asked]).map((verb) => {
    const { usage, summary } = USAGE[verb];
    return `| ${cellCode(usage)} | ${prose(summary)} |`;
  });
  return [
    "**Commands**, each at the start of a line of a comment",
    "",
    "| Command | What it does |",
    "| --- | --- |",
    ...rows,
    "",
    asked === null
      ? `For example ${codeSpan(USAGE.deploy.example)} or ${codeSpan(USAGE.rollback.example)}`
      : `For example ${codeSpan(USAGE[asked].example)}`,
  ].join("\n");
}

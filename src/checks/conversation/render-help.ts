import { VERBS } from "../../command.ts";
import { USAGE } from "../../commands/usage.ts";
import { cellCode, codeSpan, prose } from "../markdown.ts";

/** Every command and what it does, as a heading, a table and an example. */
export function renderHelp(): string {
  const rows = VERBS.map((verb) => {
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
    `For example ${codeSpan(USAGE.deploy.example)} or ${codeSpan(USAGE.rollback.example)}`,
  ].join("\n");
}

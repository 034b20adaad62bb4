import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readSourceFiles } from "../support/source-files.ts";

/** Where a note is told: `note("code"`, `note({ code: "code"`, or a constant of type Note. */
const NOTES = [/\bnote\(\s*"([a-z_]+)"/gu, /(?:\bnote\(|: Note = )\{\s*code: "([a-z_]+)"/gu];

it("tells every deliberate difference, and no other", () => {
  const [, page = ""] = readFileSync("docs/stacks.md", "utf8").split(
    "## What Skep does otherwise\n",
  );
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \|/gmu)].map(([, code]) => code);
  const told = readSourceFiles("src/stack").flatMap(({ text }) =>
    NOTES.flatMap((sign) => [...text.matchAll(sign)].map(([, code]) => code)),
  );
  expect(new Set(rows)).toEqual(new Set(told));
  expect(rows).toHaveLength(new Set(told).size);
});

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SETTINGS_TABLE } from "../../src/settings-table.ts";

it("shows every setting in the README, and no other", () => {
  const readme = readFileSync("README.md", "utf8");
  for (const { name, fallback, description } of SETTINGS_TABLE) {
    const shown = fallback === null ? "" : `\`${fallback}\``;
    expect(readme).toContain(`| \`${name}\` | ${shown} | ${description} |`);
  }
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
  expect(rows).toEqual(SETTINGS_TABLE.map(({ name }) => name));
});

it("reads only the settings that it shows, and the crash tests' hook", () => {
  const text = readFileSync("src/env.ts", "utf8");
  const read = [...text.matchAll(/"((?:SKEP_|GHE_|[A-Z]+_)?[A-Z_]{4,})"/g)].map(([, name]) => name);
  const known = new Set([...SETTINGS_TABLE.map(({ name }) => name), "SKEP_FAULT"]);
  expect(read.filter((name) => !known.has(name ?? ""))).toEqual([]);
});

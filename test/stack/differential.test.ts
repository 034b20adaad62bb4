import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCases, REAL_CASES, RULE_CASES, type StackCase } from "./cases.ts";
import { judge, type Verdict } from "./judge.ts";
import { KNOWN_DIFFERENCES } from "./known-differences.ts";

const SUITES = [
  { title: "one rule each", folder: RULE_CASES, least: 220 },
  { title: "real files", folder: REAL_CASES, least: 80 },
];

/** How many are alike of each kind; an engine's refusal is foreseen, or left to it with all before it equal. */
function count(verdicts: readonly Verdict[]): string {
  const foreseen = verdicts.filter(
    ({ kind, isRefused }) => kind === "refused by the engine" && isRefused,
  );
  const kinds = ["accepted", "refused", "refused by the engine"] as const;
  return kinds
    .map((kind) => {
      const all = verdicts.filter((verdict) => verdict.kind === kind);
      const alike = all.filter(({ differences }) => differences.length === 0);
      return `${kind} ${alike.length} of ${all.length} alike`;
    })
    .concat(`${foreseen.length} of those foreseen`)
    .join(", ");
}

describe.each(SUITES)("docker stack deploy and Skep: $title", ({ title, folder, least }) => {
  const cases: readonly StackCase[] = existsSync(folder) ? readCases(folder) : [];
  const verdicts = cases.map(judge);
  const known = cases.filter(({ name }) => name in KNOWN_DIFFERENCES);

  it.skipIf(cases.length === 0)("has its cases", () => {
    process.stdout.write(`${title}: ${count(verdicts)}\n`);
    expect(cases.length).toBeGreaterThanOrEqual(least);
  });

  it.each(verdicts.filter(({ name }) => !(name in KNOWN_DIFFERENCES)))(
    "do the same with $name",
    ({ differences }) => {
      expect(differences).toEqual([]);
    },
  );

  it.each(known)("still differ in $name", ({ name }) => {
    const verdict = verdicts.find((each) => each.name === name);
    expect(verdict?.differences, "equal by now: strike it from the table").not.toEqual([]);
  });
});

describe("the table of known differences", () => {
  it.skipIf(!existsSync(REAL_CASES))("names nothing that is not there", () => {
    const names = SUITES.flatMap(({ folder }) => readCases(folder)).map(({ name }) => name);
    expect(Object.keys(KNOWN_DIFFERENCES).filter((name) => !names.includes(name))).toEqual([]);
  });
});

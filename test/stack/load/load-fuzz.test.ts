import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadStack } from "../../../src/stack/load/load-stack.ts";

const WORDS = [
  "services",
  "a",
  "image",
  "environment",
  "ports",
  "volumes",
  "deploy",
  "healthcheck",
  "networks",
  "command",
  "<<",
  "*x",
  "&x",
  "x-a",
  "{",
  "}",
  "[",
  "]",
  ",",
  ": ",
  "- ",
  "\n",
  "\n  ",
  "\n    ",
  "'",
  '"',
  "|",
  ">",
  "#",
  "!!int",
  "!!binary",
  "$",
  "${A",
  "${A:-b}",
  "}",
  "0440",
  "80:80",
  "~",
  "1e999",
  "2020-01-01",
  ".inf",
  "null",
  "---",
  "%YAML 1.1",
  "\t",
  "\u0000",
  "\uFEFF",
  "__proto__",
  "constructor",
  "version",
  "3.8",
  "secrets",
  "file",
  "external",
  "true",
];

const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((words) => words.join("")),
  fc.json().map((json) => `services: {a: ${json}}`),
  fc.json().map((json) => json),
);

/** A value for any key of a service, as JSON, which is YAML too. */
const services = fc
  .dictionary(
    fc.constantFrom(
      "image",
      "ports",
      "volumes",
      "environment",
      "deploy",
      "labels",
      "secrets",
      "networks",
      "healthcheck",
      "logging",
      "ulimits",
      "command",
      "extra_hosts",
      "depends_on",
      "init",
      "build",
    ),
    fc.jsonValue({ maxDepth: 3 }),
  )
  .map((service) => JSON.stringify({ services: { a: service } }));

describe("any text", () => {
  it.each([true, false])("is read or refused, as the CLI: %s", (asCli) => {
    fc.assert(
      fc.property(fc.array(fc.oneof(texts, services), { minLength: 1, maxLength: 2 }), (files) => {
        const result = loadStack({
          files: files.map((text, index) => ({ path: `/stack/${index}.yml`, text })),
          readFile: () => new TextEncoder().encode(files[0]),
          variables: { A: "1" },
          asCli,
        });
        if (result.ok) return;
        expect(result.problems.length).toBeGreaterThan(0);
        for (const problem of result.problems) {
          expect(problem.message).not.toBe("");
          expect(problem.line ?? 1).toBeGreaterThan(0);
        }
      }),
      { numRuns: 400 },
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stackObjects, type ObjectsResult } from "../../src/stack/objects.ts";
import { readCases, RULE_CASES } from "./cases.ts";

/** More at need: STACK_FUZZ_RUNS=100000. */
const RUNS = Number(process.env.STACK_FUZZ_RUNS ?? 500);

function read(text: string, asCli = false): ObjectsResult {
  return stackObjects({
    name: "s",
    files: [{ path: "/tree/stack.yml", text }],
    readFile: () => null,
    variables: { A: "1" },
    asCli,
  });
}

function problemsOf(result: ObjectsResult): readonly { code: string; line: number | null }[] {
  return result.ok ? [] : result.problems;
}

const bomb = (): string => {
  const levels = "abcdefghij".split("").map((name, index) => {
    const inner = index === 0 ? '"x"' : `*${String.fromCharCode(96 + index)}`;
    return `x-${name}: &${name} [${Array<string>(10).fill(inner).join(", ")}]`;
  });
  return `${levels.join("\n")}\nservices: {web: {image: x, labels: *j}}\n`;
};

describe("bad input", () => {
  it.each([
    ["an alias bomb", bomb()],
    ["a list inside itself", "services: &s {web: {image: x, command: [*s]}}"],
    ["an alias to nothing", "services: {web: {image: *nothing}}"],
    ["a tab for a blank", "services:\n\tweb:\n\t\timage: x\n"],
    ["a key twice", "services:\n  web: {image: x}\n  web: {image: y}\n"],
    ["deep nesting", `services: ${"[".repeat(20_000)}${"]".repeat(20_000)}`],
    ["deep blocks", Array.from({ length: 3000 }, (_, at) => `${" ".repeat(at)}a:`).join("\n")],
    ["a NUL", "services: {web: {image: x\0}}"],
    [
      "ten megabytes",
      `services: {web: {image: x}}\nx-big:\n${"  - item of a list\n".repeat(550_000)}`,
    ],
    ["ten megabytes in a word", `services: {web: {image: x}}\nx-big: ${"y".repeat(10_000_000)}\n`],
    ["nothing", ""],
    ["a word", "stack"],
  ])("refuses %s, soon, at its place", (_, text) => {
    const started = performance.now();
    const results = [read(text), read(text, true)];
    expect(performance.now() - started).toBeLessThan(5000);
    for (const result of results) {
      expect(result.ok).toBe(false);
      expect(problemsOf(result).every(({ line }) => line === null || line > 0)).toBe(true);
    }
  });

  const MANY = 6_000;
  const many = (line: (index: number) => string, count = MANY): string =>
    Array.from({ length: count }, (_, index) => line(index)).join("");
  const WEB = "services:\n  web:\n    image: x\n";

  it.each([
    [
      "all ports in each of many services",
      `services:\n${many((at) => `  s${at}: {image: x, ports: ['1-65535:1-65535']}\n`, 900)}`,
    ],
    ["as many wrong keys", `${WEB}${many((at) => `    enviromen${at}: 1\n`)}`],
    ["as many unknown volumes", `${WEB}    volumes:\n${many((at) => `    - v${at}:/${at}\n`)}`],
    [
      "as many unset variables",
      `${WEB}    environment:\n${many((at) => `      A${at}: $B${at}\n`)}`,
    ],
    [
      "an alias written out often",
      `x-a: &a [${"x,".repeat(3000)}]\n${WEB}${many((at) => `x-${at}: *a\n`, 90)}`,
    ],
    [
      "more entries than any stack",
      `${WEB}    labels:\n${many((at) => `      l${at}: x\n`, 20_000)}`,
    ],
  ])("refuses %s, soon and within little memory", (_, text) => {
    const started = performance.now();
    expect(read(text).ok).toBe(false);
    // A tenth of that on a machine that does nothing else; what this is about took minutes, or all memory.
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it("tells where each of thousands of values stands, soon", () => {
    const started = performance.now();
    const result = read(`${WEB}    environment:\n${many((at) => `      A${at}: 1.10\n`)}`);
    expect(result.ok && result.notes.at(-2)).toMatchObject({
      code: "changed_value",
      line: MANY + 4,
    });
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it("counts the entries of all files together", () => {
    const files = many((at) => `      l${at}: x\n`, 4_000);
    const result = stackObjects({
      name: "s",
      files: ["a", "b", "c"].map((name) => ({
        path: `/tree/${name}.yml`,
        text: `${WEB}    labels:\n${files}`,
      })),
      readFile: () => null,
      variables: {},
      asCli: false,
    });
    expect(result).toMatchObject({
      ok: false,
      problems: [{ code: "file_too_large", file: "/tree/c.yml" }],
    });
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "takes the name %s for a name",
    (name) => {
      const text = `services: {a: {image: x, labels: {${name}: v}, environment: {${name}: w}}}`;
      const result = read(text, true);
      expect(JSON.stringify(result)).toContain(`"${name}":"v"`);
      expect(JSON.stringify(result)).toContain(`"${name}=w"`);
    },
  );
});

/** Pieces that make a stack file, or nearly one. */
const PIECES = fc.constantFrom(
  "services:\n",
  "  a:\n",
  "    image: x\n",
  "    ports:\n",
  "    - 80:80\n",
  "- ",
  "{",
  "}",
  "[",

  "]",
  ":",
  " ",
  "\n",
  "\t",
  "&a ",
  "*a",
  "<<: ",
  "!!int ",
  "!!binary ",
  "|\n",
  ">-\n",
  '"',
  "'",

  "${A",
  "${A:-",
  "}",
  "$$",
  "networks:\n",
  "  n: {external: true}\n",
  "    deploy:\n",
  "? ",
  "#",

  "      replicas: 3\n",
  "version: '3.8'\n",
  "    environment: [A=1]\n",
  "---\n",
  "0o7",
  "1e9",
  "~",
);
const RULES = readCases(RULE_CASES).flatMap(({ request }) => request.files);
/** A real file with a stretch of it replaced. */
const SPOILT = fc
  .tuple(fc.constantFrom(...RULES), fc.nat(400), fc.nat(12), fc.oneof(PIECES, fc.string()))
  .map(([{ text }, at, length, piece]) => {
    const start = at % (text.length + 1);
    return `${text.slice(0, start)}${piece}${text.slice(start + length)}`;
  });
const TEXTS = fc.oneof(
  SPOILT,
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.array(PIECES, { maxLength: 40 }).map((pieces) => pieces.join("")),
);

describe("any text", () => {
  it("is read or refused, the same way each time, and never throws", () => {
    const seed = Number(process.env.STACK_FUZZ_SEED ?? Date.now() % 2 ** 31);
    process.stdout.write(`any text: seed ${seed}, ${RUNS} runs\n`);
    let longest = 0;
    const property = fc.property(TEXTS, fc.boolean(), (text, asCli) => {
      const started = performance.now();
      const result = read(text, asCli);
      longest = Math.max(longest, performance.now() - started);
      expect(read(text, asCli)).toEqual(result);
      if (!result.ok) expect(result.problems.length).toBeGreaterThan(0);
    });
    fc.assert(property, { seed, numRuns: RUNS });
    process.stdout.write(`any text: ${longest.toFixed(0)} ms at most for one\n`);
    expect(longest).toBeLessThan(3000);
  }, 600_000);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGoScalar } from "../../../src/policy/config/scalars.ts";
import { readYaml } from "../../../src/policy/config/yaml.ts";

function valueOf(text: string): unknown {
  const file = readYaml(text);
  if (!file.ok) throw new Error(JSON.stringify(file.problems));
  return file.value;
}

/** What becomes of a plain scalar where a text is wanted. */
function scalar(source: string): unknown {
  const value = valueOf(`- ${source}`);
  const [item]: unknown[] = Array.isArray(value) ? value : [];
  return isGoScalar(item) ? `${item.kind} ${item.text}` : item;
}

function problemsOf(text: string): readonly { readonly line: number; readonly message: string }[] {
  const file = readYaml(text);
  return file.ok ? [] : file.problems;
}

describe("plain scalars, as Go's yaml.v3 reads them", () => {
  it.each<[string, unknown]>([
    ["0440", "number 288"],
    ["0o440", "number 288"],
    ["0123", "number 83"],
    ["08", "number 8"],
    ["0x1F", "number 31"],
    ["-0x1F", "number -31"],
    ["0b101", "number 5"],
    ["1_000", "number 1000"],
    ["+5", "number 5"],
    ["1.0", "number 1"],
    ["1.10", "number 1.1"],
    [".5", "number 0.5"],
    ["1e3", "number 1000"],
    ["123456.7", "number 123456.7"],
    ["999999.0", "number 999999"],
    ["1000000.0", "number 1e+06"],
    ["1000000", "number 1000000"],
    ["1234567.0", "number 1.234567e+06"],
    ["0.0001", "number 0.0001"],
    ["0.00001", "number 1e-05"],
    ["-0", "number 0"],
    ["-0.0", "number -0"],
    ["9007199254740993", "number 9007199254740993"],
    ["12345678901234567890", "number 12345678901234567890"],
    ["100000000000000000000000", "number 1e+23"],
    ["1e400", "1e400"],
    [".inf", "number .inf"],
    [".NaN", "number .NaN"],
    ["2020-01-01", "time 2020-01-01 00:00:00 +0000 UTC"],
    ["2020-1-1", "time 2020-01-01 00:00:00 +0000 UTC"],
    ["2020-01-01T10:20:30Z", "time 2020-01-01 10:20:30 +0000 UTC"],
    ["2020-01-01T10:20:30.500+02:00", "time 2020-01-01 10:20:30.5 +0200 +0200"],
    ["2020-01-01 1:2:3", "time 2020-01-01 01:02:03 +0000 UTC"],
    ["2020-02-30", "2020-02-30"],
    ["2020-01-01T25:00:00Z", "2020-01-01T25:00:00Z"],
    ["yes", "yes"],
    ["on", "on"],
    ["n", "n"],
    ["true", true],
    ["False", false],
    ["tRue", "tRue"],
    ["~", null],
    ["null", null],
    ["", null],
    ["22:22", "22:22"],
    ["1:30", "1:30"],
    ["_1", "_1"],
    ["1.2.3", "1.2.3"],
    ["0x", "0x"],
    ["-", [null]],
    ["'0440'", "0440"],
    ['"true"', "true"],
  ])("%s", (source, expected) => {
    expect(scalar(source)).toEqual(expected);
  });

  it("cannot be imitated by a mapping", () => {
    const value = valueOf("- {kind: number, value: 1, text: x, source: y}");
    expect(Array.isArray(value) && value.some(isGoScalar)).toBe(false);
  });
});

describe("readYaml", () => {
  it("merges maps and follows aliases", () => {
    expect(valueOf("x: &x {a: p, b: q}\ny: {<<: *x, b: r}\nz: {<<: [*x, {c: s}]}")).toEqual({
      x: { a: "p", b: "q" },
      y: { a: "p", b: "r" },
      z: { a: "p", b: "q", c: "s" },
    });
  });

  it("takes an empty file and a byte order mark", () => {
    expect(valueOf("")).toBeNull();
    expect(valueOf("# nothing\n")).toBeNull();
    expect(valueOf("\u{FEFF}a: b")).toEqual({ a: "b" });
  });

  it.each<[string, string, number, RegExp]>([
    ["a bracket that is not closed", "a: b\nc: [1,\n", 3, /correct the YAML on this line\.$/],
    ["a tab", "a:\n\tb: c", 2, /use spaces\.$/],
    ["a repeated key", "a: 1\nb: 2\na: 3", 3, /^`a` stands here a second time: keep one\.$/],
    ["a repeated key, quoted", "a: 1\n'a': 2", 2, /second time/],
    ["a repeated key further in", "x:\n  a: 1\n  a: 2", 3, /second time/],
    ["a second document", "a: 1\n---\nb: 2", 2, /keep only one\.$/],
    ["an unknown alias", "a: 1\nb: *nope", 2, /^nothing before is named &nope: define it first\.$/],
    ["an alias of itself", "a: &a\n  - *a", 2, /^&a holds itself: write it out\.$/],
    ["a tag", "a: !foo b", 1, /^tags/],
    ["a tag of YAML itself", "a: !!binary aGVsbG8=", 1, /^tags/],
    ["a list as a key", "? [a]\n: b", 1, /not text/],
    ["the key __proto__", "a:\n  __proto__: {b: c}", 2, /cannot be a key/],
    ["bytes that are no UTF-8", "a: b\nc: \uFFFDd", 2, /^the file is not UTF-8 from this line on/],
    ["a merge of a text", "a: b\nc: {<<: d}", 2, /^`<<` merges mappings only/],
  ])("tells the line of %s", (_, text, line, message) => {
    const [problem] = problemsOf(text);
    expect(problem).toMatchObject({ line, message: expect.stringMatching(message) });
  });

  it("tells all repeated keys together", () => {
    expect(problemsOf("a: 1\na: 2\nb: 1\nb: 2").map(({ line }) => line)).toEqual([2, 4]);
  });

  it("refuses a file over 256 KiB", () => {
    expect(problemsOf(`a: ${"x".repeat(256 * 1024)}`)).toEqual([
      { line: 1, message: "the file is larger than 256 KiB: make it smaller." },
    ]);
    expect(valueOf(`a: ${"x".repeat(255 * 1024)}`)).toBeTypeOf("object");
  });

  it.each<[string, string]>([
    ["aliases that multiply", bomb()],
    ["many aliases", `a: &a x\nb: [${"*a,".repeat(4000)}]`],
    ["merges of merges", mergeBomb()],
    ["deep nesting", "[".repeat(15_000)],
    ["deep nesting in blocks", "- ".repeat(19_000)],
    ["nothing but brackets", "[}".repeat(9_000)],
    ["nothing but commas", `[${",".repeat(19_000)}]`],
    ["too many entries", "a,".repeat(30_000)],
  ])("refuses %s within a second or so", (_, text) => {
    const start = performance.now();
    expect(problemsOf(text).length).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it("never throws and always names a line", () => {
    const piece = fc.constantFrom(
      ..."a b : - ? [ ] { } , & * ! | > ' \" # % @ ` \n \t ~ << 1 0x --- ...".split(" "),
      " ",
      "\n  ",
      "&a ",
      "*a ",
      "a: ",
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(text, (source) => {
        const file = readYaml(source);
        if (file.ok) expect(file.lineOf(["a", 0, "b"])).toBeGreaterThanOrEqual(1);
        else for (const { line } of file.problems) expect(line).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("lineOf", () => {
  const file = readYaml("a:\n  b:\n    - c\n    - d: e\nx: &x\n  y: z\nm:\n  <<: *x\n  n: *x\n");

  it.each<[readonly (string | number)[], number]>([
    [[], 1],
    [["a"], 1],
    [["a", "b"], 2],
    [["a", "b", 0], 3],
    [["a", "b", 1], 4],
    [["a", "b", 1, "d"], 4],
    [["a", "b", 7], 2],
    [["a", "nope"], 1],
    [["a", "b", "nope"], 2],
    [["m", "y"], 6],
    [["m", "n"], 9],
    [["m", "n", "y"], 6],
    [["nope"], 1],
  ])("%j", (path, line) => {
    expect(file.ok && file.lineOf(path)).toBe(line);
  });
});

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const item = level === 0 ? "x" : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array.from({ length: 10 }, () => item).join(",")}]`;
  });
  return levels.join("\n");
}

function mergeBomb(): string {
  const levels = Array.from({ length: 2000 }, (_, level) => {
    const merge = level === 0 ? "" : `<<: *a${level - 1}, `;
    return `a${level}: &a${level} {${merge}k${level}: 1}`;
  });
  return levels.join("\n");
}

import { describe, expect, it } from "vitest";
import { resolveScalar } from "../../../src/stack/load/scalar.ts";
import { print } from "../../../src/stack/load/value.ts";

function plain(text: string): unknown {
  const resolved = resolveScalar(text, false, undefined);
  return resolved.ok ? resolved.value : resolved.message;
}

function printed(text: string): string {
  const resolved = resolveScalar(text, false, undefined);
  return resolved.ok ? print(resolved.value) : resolved.message;
}

describe("a plain scalar", () => {
  it.each([
    ["0440", 288n],
    ["0o440", 288n],
    ["0x1F", 31n],
    ["0b101", 5n],
    ["-0b101", -5n],
    ["1_000", 1000n],
    ["+7", 7n],
    ["-0", 0n],
    ["12345678901234567890", 12345678901234567890n],
    ["08", 8],
    ["0.5", 0.5],
    ["1e3", 1000],
    ["18446744073709551616", 18446744073709551616],
    ["yes", "yes"],
    ["on", "on"],
    ["1:30", "1:30"],
    ["22:22", "22:22"],
    ["1e999", "1e999"],
    ["0x10000000000000000", "0x10000000000000000"],
    ["True", true],
    ["FALSE", false],
    ["tRUE", "tRUE"],
    ["", null],
    ["~", null],
    ["Null", null],
    [".inf", Infinity],
    ["._5", "._5"],
    ["2020-13-01", "2020-13-01"],
    ["2020-02-30", "2020-02-30"],
  ])("%s is %s", (text, value) => {
    expect(plain(text)).toBe(value);
  });

  it.each([
    ["1.0", "1"],
    ["1.10", "1.1"],
    ["123456.7", "123456.7"],
    ["1000000.0", "1e+06"],
    ["1234567.0", "1.234567e+06"],
    ["0.0001", "0.0001"],
    ["0.00001", "1e-05"],
    ["99999999999999999999999", "1e+23"],
    ["-0.0", "-0"],
    ["2020-01-01", "2020-01-01 00:00:00 +0000 UTC"],
    ["2020-1-2 3:04:05.50", "2020-01-02 03:04:05.5 +0000 UTC"],
    ["2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.1 -0500 -0500"],
    ["9007199254740993", "9007199254740993"],
  ])("%s is printed as %s", (text, value) => {
    expect(printed(text)).toBe(value);
  });
});

describe("a scalar with quotes or a tag", () => {
  it("is a string in quotes", () => {
    expect(resolveScalar("0440", true, undefined)).toEqual({ ok: true, value: "0440" });
  });

  it.each([
    ["0440", "str", "0440"],
    ["5", "int", 5n],
    ["5", "float", 5],
    ["aGk=", "binary", "hi"],
    ["5", "mine", "5"],
  ])("%s tagged !!%s is %s", (text, tag, value) => {
    expect(resolveScalar(text, true, `tag:yaml.org,2002:${tag}`)).toEqual({ ok: true, value });
  });

  it("is refused where the tag does not fit", () => {
    expect(resolveScalar("x", false, "tag:yaml.org,2002:int")).toEqual({
      ok: false,
      message: 'cannot read "x" as !!int',
    });
  });
});

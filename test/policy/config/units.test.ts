import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCpus, readDuration, readSize } from "../../../src/policy/config/units.ts";

const MiB = 1024 ** 2;

describe("readDuration", () => {
  it.each([
    ["10s", 10_000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    [".5s", 500],
    ["1.s", 1000],
    ["+2s", 2000],
    ["500ms", 500],
    ["1500us", null],
    ["3000µs", 3],
    ["3000μs", 3],
    ["1000000ns", 1],
    ["1ns", null],
    ["0", 0],
    ["0s", 0],
    ["1h1h", 7_200_000],
    ["", null],
    ["10", null],
    ["1d", null],
    ["-1s", null],
    ["1 s", null],
    ["s", null],
    [".s", null],
    ["1e3s", null],
    ["1S", null],
    ["1000000h", null],
    [`${"9".repeat(500)}s`, null],
  ])("%s", (text, expected) => {
    const reading = readDuration(text);
    expect(reading.ok ? reading.value : null).toBe(expected);
  });

  it("reads back every duration that is written out in units", () => {
    const part = fc.nat({ max: 999 });
    fc.assert(
      fc.property(part, part, part, part, (h, m, s, ms) => {
        const total = ((h * 60 + m) * 60 + s) * 1000 + ms;
        expect(readDuration(`${h}h${m}m${s}s${ms}ms`)).toEqual({ ok: true, value: total });
      }),
    );
  });
});

describe("readSize", () => {
  it.each([
    ["64M", 64 * MiB],
    ["64m", 64 * MiB],
    ["64mb", 64 * MiB],
    ["64MiB", 64 * MiB],
    ["64 MiB", 64 * MiB],
    ["1.5GiB", 1536 * MiB],
    ["10485760", 10 * MiB],
    ["10485760b", 10 * MiB],
    ["8192k", 8 * MiB],
    ["1t", 1024 ** 4],
    ["0", 0],
    ["4095k", null],
    ["1M", null],
    ["10X", null],
    ["10MM", null],
    ["10bb", null],
    ["10bib", null],
    ["-64M", null],
    ["", null],
    ["M", null],
    ["9999p", null],
    ["9".repeat(300), null],
  ])("%s", (text, expected) => {
    const reading = readSize(text);
    expect(reading.ok ? reading.value : null).toBe(expected);
  });
});

describe("readCpus", () => {
  it.each([
    ["0.5", 500_000_000],
    ["0.50", 500_000_000],
    [".5", 500_000_000],
    ["2", 2_000_000_000],
    ["2.", 2_000_000_000],
    ["1/4", 250_000_000],
    ["0.001", 1_000_000],
    ["0.123456789", 123_456_789],
    ["", 0],
    ["0", 0],
    ["1/3", null],
    ["1/0", null],
    ["0.0000000001", null],
    ["0.0001", null],
    ["-1", null],
    [".", null],
    ["one", null],
    ["1e3", null],
    ["99999999999", null],
  ])("%s", (text, expected) => {
    const reading = readCpus(text);
    expect(reading.ok ? reading.value : null).toBe(expected);
  });

  it("keeps nine decimals exactly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000, max: 2 ** 50 }), (nano) => {
        const digits = String(nano).padStart(10, "0");
        const text = `${digits.slice(0, -9)}.${digits.slice(-9)}`;
        expect(readCpus(text)).toEqual({ ok: true, value: nano });
      }),
    );
  });
});

describe("units, for any text", () => {
  it("give a whole number that is not negative, or say what was expected", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const read of [readDuration, readSize, readCpus]) {
          const reading = read(text);
          if (reading.ok)
            expect(Number.isSafeInteger(reading.value) && reading.value >= 0).toBe(true);
          else expect(reading.expected).not.toBe("");
        }
      }),
    );
  });
});

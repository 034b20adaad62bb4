import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesTag, readTagPattern } from "../../../src/policy/config/tag-pattern.ts";

describe("a pattern of tags", () => {
  it.each([
    ["v*", ["v", "v1.9.0", "v1-rc.1", "vx"], ["1.9.0", "V1", "api/v1", "v1/x", ""]],
    ["v1.?", ["v1.9"], ["v1.", "v1.10", "v1x9", "v1./"]],
    ["v[0-9]*", ["v1", "v2.0.0"], ["vx", "v"]],
    ["v[!0-9]*", ["vx"], ["v1"]],
    ["v[^0-9]*", ["vx"], ["v1"]],
    ["v[12].0", ["v1.0", "v2.0"], ["v3.0", "v12.0"]],
    ["api/v*", ["api/v1"], ["v1", "api/v1/x", "api"]],
    ["*/v*", ["api/v1"], ["v1", "a/b/v1"]],
    ["latest", ["latest"], ["latest2", "the-latest"]],
    ["v1.0", ["v1.0"], ["v1x0"]],
    ["(a|b)+$", ["(a|b)+$"], ["a", "aa"]],
  ])("%s", (pattern, those, others) => {
    expect(readTagPattern(pattern)).toEqual({ ok: true, value: pattern });
    for (const tag of those) expect([tag, matchesTag(pattern, tag)]).toEqual([tag, true]);
    for (const tag of others) expect([tag, matchesTag(pattern, tag)]).toEqual([tag, false]);
  });

  it("without a special character stands for itself alone", () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9.+$()|-]{0,12}[a-z0-9]$/u);
    fc.assert(
      fc.property(name, name, (pattern, tag) => {
        expect(matchesTag(pattern, pattern)).toBe(true);
        expect(matchesTag(pattern, tag)).toBe(pattern === tag);
        expect(matchesTag(`${pattern}*`, pattern + tag)).toBe(true);
        expect(matchesTag(`?${pattern.slice(1)}`, pattern)).toBe(true);
      }),
    );
  });

  it("never takes long, whatever pattern and tag", () => {
    const pattern = `v${"*a".repeat(120)}`;
    const startedAt = performance.now();
    expect(matchesTag(pattern, `v${"a".repeat(250)}b`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  it("is read or refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from("v*?[]!^-\\/.ab")) }), (text) => {
        const reading = readTagPattern(text);
        expect(typeof matchesTag(text, "v1")).toBe("boolean");
        if (reading.ok) expect(reading.value).toBe(text);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOlderVersion } from "../../../src/policy/tags/version-order.ts";

/** From old to new, as semver.org has it. */
const ORDER = [
  "v0.0.0-0",
  "v0.0.1",
  "v0.9.0",
  "0.10.0",
  "v1.0.0-1",
  "v1.0.0-2",
  "v1.0.0-11",
  "1.0.0-alpha",
  "v1.0.0-alpha.1",
  "v1.0.0-alpha.beta",
  "v1.0.0-beta",
  "v1.0.0-beta.2",
  "v1.0.0-beta.11",
  "v1.0.0-rc.1",
  "1.0.0+build.7",
  "v1.0.1",
  "v1.2.0",
  "v1.10.0",
  "v2.0.0",
  "v20261121.0.0",
  "v99999999999999999999998.0.0",
  "v99999999999999999999999.0.0",
];

const version = fc
  .record({
    v: fc.constantFrom("", "v"),
    numbers: fc.tuple(...Array.from({ length: 3 }, () => fc.nat({ max: 12 }))),
    pre: fc.constantFrom("", "-1", "-rc.1", "-rc.2", "-rc", "-rc.10", "-a.b"),
  })
  .map(({ v, numbers, pre }) => `${v}${numbers.join(".")}${pre}`);

describe("the order of versions", () => {
  it("is that of semantic versions", () => {
    for (const [at, one] of ORDER.entries()) {
      for (const [against, other] of ORDER.entries()) {
        expect([one, other, isOlderVersion(one, other)]).toEqual([one, other, at < against]);
      }
    }
  });

  it("has no place for what is no version, or is one of another part", () => {
    const others = ["latest", "v1", "v1.9", "1.2.3.4", "v01.2.3", "v1.2.3-", "version1.2.3", ""];
    for (const tag of [...others, "api/v1.0.0", "nightly-2026-11-21", "vv1.0.0", "v1.0.0 "]) {
      expect(isOlderVersion(tag, "v9.0.0")).toBe(false);
      expect(isOlderVersion("v0.0.1", tag)).toBe(false);
    }
    expect(isOlderVersion("api/v1.0.0", "api/v1.0.1")).toBe(true);
    expect(isOlderVersion("api/v1.0.0", "web/v1.0.1")).toBe(false);
  });

  it("takes equal versions for neither older nor newer", () => {
    expect(isOlderVersion("v1.0.0", "1.0.0")).toBe(false);
    expect(isOlderVersion("1.0.0", "v1.0.0")).toBe(false);
    expect(isOlderVersion("1.0.0+a", "1.0.0+b")).toBe(false);
  });

  it("is an order", () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(isOlderVersion(a, a)).toBe(false);
        if (isOlderVersion(a, b)) expect(isOlderVersion(b, a)).toBe(false);
        if (isOlderVersion(a, b) && isOlderVersion(b, c)) expect(isOlderVersion(a, c)).toBe(true);
        // What is neither older nor newer than another stands where that stands.
        const isSame = !isOlderVersion(a, b) && !isOlderVersion(b, a);
        if (isSame) expect(isOlderVersion(a, c)).toBe(isOlderVersion(b, c));
      }),
      { numRuns: 2_000 },
    );
  });

  it("is told of any two texts, soon", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(isOlderVersion(a, b) && isOlderVersion(b, a)).toBe(false);
      }),
    );
    const long = `v1.0.0-${"a.".repeat(100)}`;
    const startedAt = performance.now();
    expect(isOlderVersion(`${long}!`, long)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(100);
  });
});

import { describe, expect, it } from "vitest";
import { nearest } from "../src/nearest.ts";

const KNOWN = ["healthcheck", "replicas", "stop_grace_period", "ports"];

describe("nearest", () => {
  it.each([
    ["helthcheck", "healthcheck"],
    ["stopGracePeriod", "stop_grace_period"],
    ["stop-grace-period", "stop_grace_period"],
    ["Replicas", "replicas"],
    ["prots", "ports"],
    ["port", "ports"],
  ])("takes %s for %s", (typed, meant) => {
    expect(nearest(typed, KNOWN)).toBe(meant);
  });

  it.each(["", "x", "volumes", "p".repeat(61)])("finds nothing near %j", (typed) => {
    expect(nearest(typed, KNOWN)).toBeNull();
  });

  it("goes no further than the limit", () => {
    expect(nearest("hltchck", ["healthcheck"], 4)).toBeNull();
    expect(nearest("hlthchek", ["healthcheck"], 2)).toBeNull();
    expect(nearest("helthchek", ["healthcheck"], 2)).toBe("healthcheck");
  });
});

import { describe, expect, it } from "vitest";
import { doOverlap } from "../../../src/deployer/docker/subnets.ts";

describe("subnets", () => {
  it.each([
    ["10.0.0.0/8", "10.1.2.0/24", true],
    ["10.1.2.0/24", "10.0.0.0/8", true],
    ["10.0.0.0/24", "10.0.0.0/24", true],
    ["10.0.0.0/24", "10.0.1.0/24", false],
    ["fd00::/48", "fd00:0:0:1::/64", true],
    ["fd00::/48", "10.0.0.0/8", false],
    ["no subnet", "10.0.0.0/8", false],
    ["10.0.0.0/99", "10.0.0.0/8", false],
    ["10.0.0.0", "10.0.0.0/8", false],
  ])("%s and %s share addresses: %s", (one, other, isShared) => {
    expect(doOverlap(one, other)).toBe(isShared);
  });
});

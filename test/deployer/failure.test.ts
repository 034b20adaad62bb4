import { describe, expect, it } from "vitest";
import { joinFailures } from "../../src/deployer/failure.ts";
import { failure } from "../support/deployments.ts";

describe("a failure after which going back fails too", () => {
  const first = failure({ summary: "it crashed", evidence: ["one"], nextStep: "Mend it." });

  it("stays the cause, told with why going back failed", () => {
    const second = failure({ summary: "no node", evidence: ["one", "two"], nextStep: "Add one." });
    expect(joinFailures(first, second)).toEqual({
      ...first,
      summary: "it crashed; going back to the previous release failed too: no node",
      evidence: ["one", "one", "two"],
      nextStep: "Add one.",
    });
    expect(joinFailures(null, second)).toBe(second);
  });

  it("is told once when one thing is behind both", () => {
    const second = failure({ ...first, evidence: ["one", "two"] });
    expect(joinFailures(first, second)).toEqual({
      ...first,
      summary: "it crashed; going back to the previous release failed for the same reason",
      evidence: ["one", "two"],
    });
  });
});

import { describe, expect, it } from "vitest";
import { STATE_VIEWS } from "../../src/checks/states.ts";
import { DEPLOYMENT_STATES, isFinal } from "../../src/deployment.ts";

describe("the table of states", () => {
  it.each([
    ["waiting", "queued", null, "pending", null],
    ["queued", "queued", null, "queued", null],
    ["running", "in_progress", null, "in_progress", null],
    ["rolling_back", "in_progress", null, "in_progress", null],
    ["succeeded", "completed", "success", "success", 0],
    ["failed", "completed", "failure", "failure", 1],
    ["rolled_back", "completed", "failure", "failure", 3],
    ["rollback_failed", "completed", "failure", "error", 4],
    ["cancelled", "completed", "cancelled", "inactive", 5],
    ["superseded", "completed", "skipped", "inactive", 6],
    ["refused", "completed", "failure", "failure", 7],
  ] as const)("shows %s", (state, checkStatus, checkConclusion, deploymentStatus, exitCode) => {
    expect(STATE_VIEWS[state]).toEqual({
      checkStatus,
      checkConclusion,
      deploymentStatus,
      exitCode,
      eventType: `deployment.${state}`,
    });
  });

  it("covers the closed list, and concludes exactly the final states", () => {
    expect(Object.keys(STATE_VIEWS)).toEqual([...DEPLOYMENT_STATES]);
    for (const state of DEPLOYMENT_STATES) {
      expect(STATE_VIEWS[state].checkConclusion !== null).toBe(isFinal(state));
      expect(STATE_VIEWS[state].exitCode !== null).toBe(isFinal(state));
    }
  });

  it("gives each final state an exit code of its own, and only success zero", () => {
    const codes = DEPLOYMENT_STATES.filter(isFinal).map((state) => STATE_VIEWS[state].exitCode);
    expect(new Set(codes).size).toBe(codes.length);
    expect(DEPLOYMENT_STATES.filter((state) => STATE_VIEWS[state].exitCode === 0)).toEqual([
      "succeeded",
    ]);
  });
});

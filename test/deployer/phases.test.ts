import { describe, expect, it } from "vitest";
import { enterPhase, leavePhase, notePhase } from "../../src/deployer/phases.ts";
import type { PhaseRecord } from "../../src/deployment.ts";

function phase(overrides: Partial<PhaseRecord> = {}): PhaseRecord {
  return {
    phase: "build",
    startedAt: 10,
    endedAt: null,
    outcome: "running",
    note: null,
    ...overrides,
  };
}

describe("entering a phase", () => {
  it("begins it, and ends the one before as a success", () => {
    expect(enterPhase([phase({ phase: "pre_build", note: "commit abc" })], "build", 20)).toEqual([
      phase({ phase: "pre_build", endedAt: 20, outcome: "succeeded", note: "commit abc" }),
      phase({ startedAt: 20 }),
    ]);
  });

  it("shows those in between as skipped", () => {
    const recalled = phase({ phase: "pre_build", endedAt: 20, outcome: "succeeded" });
    expect(enterPhase([recalled], "pre_deploy", 20)).toEqual([
      recalled,
      phase({ startedAt: 20, endedAt: 20, outcome: "skipped" }),
      phase({ phase: "pre_deploy", startedAt: 20 }),
    ]);
  });

  it("goes on with the one that a crash left open", () => {
    const left = [phase()];
    expect(enterPhase(left, "build", 20)).toBe(left);
  });

  it("opens the one that ended well just before again", () => {
    const ended = phase({ endedAt: 15, outcome: "succeeded", note: "built" });
    expect(enterPhase([ended], "build", 20)).toEqual([phase({ note: "built" })]);
  });

  it("begins an earlier one anew, and with it what came after", () => {
    const build = phase({ phase: "build", endedAt: 15, outcome: "succeeded", note: "built" });
    const planned = { phase: "pre_deploy", endedAt: 20, outcome: "succeeded" } as const;
    const left = [build, phase({ ...planned, note: "update" }), phase({ phase: "deploy" })];
    expect(enterPhase(left, "pre_deploy", 30)).toEqual([build, phase({ phase: "pre_deploy" })]);
  });

  it("leaves a failed one failed", () => {
    const failed = [phase({ endedAt: 15, outcome: "failed" })];
    expect(enterPhase(failed, "build", 20)).toBe(failed);
    expect(enterPhase(failed, "pre_deploy", 20)).toEqual([
      ...failed,
      phase({ phase: "pre_deploy", startedAt: 20 }),
    ]);
  });
});

describe("leaving a phase", () => {
  const skipped = phase({ phase: "pre_build", endedAt: 10, outcome: "skipped" });

  it.each(["succeeded", "failed", "skipped"] as const)("ends what is open as %s", (outcome) => {
    expect(leavePhase([skipped, phase()], { at: 30, outcome, note: null })).toEqual([
      skipped,
      phase({ endedAt: 30, outcome }),
    ]);
  });

  it("keeps the note unless it has a better one", () => {
    const noted = [phase({ note: "3 steps" })];
    const end = { at: 30, outcome: "succeeded" } as const;
    expect(leavePhase(noted, { ...end, note: null })).toMatchObject([{ note: "3 steps" }]);
    expect(leavePhase(noted, { ...end, note: "4 steps" })).toMatchObject([{ note: "4 steps" }]);
  });
});

describe("noting", () => {
  it("adds to what is open only", () => {
    const over = phase({ phase: "pre_build", endedAt: 10, outcome: "succeeded" });
    const once = notePhase([over, phase()], "3 steps");
    expect(once).toEqual([over, phase({ note: "3 steps" })]);
    expect(notePhase(once, "1 cached")).toEqual([over, phase({ note: "3 steps, 1 cached" })]);
  });

  it("changes nothing without a note", () => {
    const phases = [phase()];
    expect(notePhase(phases, null)).toBe(phases);
  });
});

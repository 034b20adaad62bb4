import { describe, expect, it } from "vitest";
import type { Failure } from "../../src/deployment.ts";
import {
  firstStep,
  next,
  PHASE_OF,
  STEPS,
  type Step,
  type StepResult,
} from "../../src/deployer/machine.ts";

const FAILURE: Failure = {
  code: "task_exited",
  phase: "deploy",
  summary: "the process ended",
  evidence: [],
  nextStep: "Mend it.",
  annotations: [],
};
const RESULTS: readonly StepResult[] = [
  { kind: "done", note: null },
  { kind: "failed", failure: FAILURE },
  { kind: "no_previous" },
];

/** The whole machine: step → what follows `done`, `failed` and `no_previous`. */
const TABLE: Readonly<Record<Step, readonly [string, string, string]>> = {
  source: ["build", "failed", "failed"],
  build: ["plan", "failed", "failed"],
  plan: ["apply", "failed", "failed"],
  apply: ["roll_out", "failed", "failed"],
  roll_out: ["prove", "restore", "failed"],
  prove: ["mark", "restore", "failed"],
  mark: ["succeeded", "restore", "failed"],
  restore: ["watch_restore", "rollback_failed", "failed"],
  watch_restore: ["rolled_back", "rollback_failed", "failed"],
};

function nameOf(step: Step, result: StepResult): string {
  const following = next(step, result);
  return following.kind === "step" ? following.step : following.state;
}

describe("machine", () => {
  it.each(STEPS)("follows the table after %s", (step) => {
    expect(RESULTS.map((result) => nameOf(step, result))).toEqual(TABLE[step]);
  });

  it("only ever ends: no way through the steps runs in a circle", () => {
    const depth = (step: Step, trail: readonly Step[]): number => {
      expect(trail).not.toContain(step);
      const lengths = RESULTS.map((result) => {
        const following = next(step, result);
        return following.kind === "end" ? 1 : 1 + depth(following.step, [...trail, step]);
      });
      return Math.max(...lengths);
    };
    expect(depth("source", [])).toBeLessThanOrEqual(STEPS.length);
  });

  it("says rolling back from the failure on", () => {
    expect(next("prove", { kind: "failed", failure: FAILURE })).toMatchObject({
      state: "rolling_back",
    });
    expect(next("restore", { kind: "done", note: null })).toMatchObject({ state: "rolling_back" });
    expect(next("apply", { kind: "done", note: null })).toMatchObject({ state: "running" });
  });

  it("goes back when the engine went away and may have taken the spec", () => {
    const inDoubt = { kind: "failed", failure: FAILURE, isInDoubt: true } as const;
    expect(next("apply", inDoubt)).toMatchObject({ step: "restore", state: "rolling_back" });
  });

  it("gives each step a phase", () => {
    expect(STEPS.map((step) => PHASE_OF[step])).not.toContain(undefined);
  });
});

describe("where a run begins", () => {
  const running = { state: "running", hasRelease: true } as const;
  it.each([
    ["a new one", { state: "running", hasRelease: false }, [], "source"],
    ["build cut short", { state: "running", hasRelease: false }, [["build", "about_to"]], "source"],
    ["release written", running, [["build", "done"]], "plan"],
    ["apply begun", running, [["apply", "about_to"]], "apply"],
    ["apply over", running, [["apply", "done"]], "roll_out"],
    [
      "mark begun",
      running,
      [
        ["apply", "done"],
        ["mark", "about_to"],
      ],
      "mark",
    ],
    [
      "mark over",
      running,
      [
        ["apply", "done"],
        ["mark", "done"],
      ],
      "mark",
    ],
    ["rolling back", { state: "rolling_back", hasRelease: true }, [["apply", "done"]], "restore"],
    [
      "restore begun",
      { state: "rolling_back", hasRelease: true },
      [["restore", "about_to"]],
      "restore",
    ],
    ["restore over", { state: "rolling_back", hasRelease: true }, [["restore", "done"]], "restore"],
  ] as const)("%s", (_, record, journal, step) => {
    expect(firstStep({ ...record, journal: new Map(journal) })).toBe(step);
  });
});

import { describe, expect, it } from "vitest";
import type { Failure } from "../../src/deployment.ts";
import {
  firstStep,
  isCancellable,
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
  { kind: "refused", failure: FAILURE },
  { kind: "cancelled", failure: FAILURE, isTouched: false },
  { kind: "cancelled", failure: FAILURE, isTouched: true },
];

/** The whole machine: step → what follows `done`, `failed` and `no_previous`. */
const TABLE: Readonly<Record<Step, readonly [string, string, string]>> = {
  source: ["build", "failed", "failed"],
  recall: ["plan", "failed", "failed"],
  build: ["plan", "failed", "failed"],
  plan: ["apply", "failed", "failed"],
  apply: ["roll_out", "failed", "failed"],
  roll_out: ["prove", "restore", "failed"],
  prove: ["prune", "restore", "failed"],
  prune: ["mark", "restore", "failed"],
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
    const ends = ["refused", "cancelled", "restore"];
    expect(RESULTS.map((result) => nameOf(step, result))).toEqual([...TABLE[step], ...ends]);
  });

  it("only ever ends: no way through the steps runs in a circle", () => {
    const possible = (step: Step): readonly StepResult[] =>
      RESULTS.filter(({ kind }) => kind !== "cancelled" || isCancellable(step));
    const depth = (step: Step, trail: readonly Step[]): number => {
      expect(trail).not.toContain(step);
      const lengths = possible(step).map((result) => {
        const following = next(step, result);
        return following.kind === "end" ? 1 : 1 + depth(following.step, [...trail, step]);
      });
      return Math.max(...lengths);
    };
    expect(depth("source", [])).toBeLessThanOrEqual(STEPS.length);
    expect(depth("recall", [])).toBeLessThanOrEqual(STEPS.length);
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

  it("finishes what is proved, and going back, whoever cancels", () => {
    expect(STEPS.filter((step) => !isCancellable(step))).toEqual([
      "prune",
      "mark",
      "restore",
      "watch_restore",
    ]);
  });

  it("never builds for a deployment that comes with its release", () => {
    expect(nameOf("recall", { kind: "done", note: null })).toBe("plan");
  });

  it("gives each step a phase", () => {
    expect(STEPS.map((step) => PHASE_OF[step])).not.toContain(undefined);
  });
});

describe("where a run begins", () => {
  const fresh = { kind: "deploy", state: "running", phase: null, hasRelease: false } as const;
  const built = { ...fresh, phase: "build", hasRelease: true } as const;
  const back = { ...built, state: "rolling_back" } as const;
  const rollback = { ...fresh, kind: "rollback", hasRelease: true } as const;
  const planned = { ...rollback, phase: "pre_deploy" } as const;
  it.each([
    ["a new one", fresh, {}, "source"],
    ["build cut short", fresh, { "build 0123456789abcdef": "about_to" }, "source"],
    ["release written", built, { "build 0123456789abcdef": "done" }, "plan"],
    ["apply begun", built, { apply: "about_to" }, "apply"],
    ["apply over", built, { apply: "done" }, "roll_out"],
    ["prune begun", built, { apply: "done", prune: "about_to" }, "prune"],
    ["mark begun", built, { apply: "done", mark: "about_to" }, "mark"],
    ["mark over", built, { apply: "done", mark: "done" }, "mark"],
    ["rolling back", back, { apply: "done" }, "restore"],
    ["restore begun", back, { apply: "done", restore: "about_to" }, "restore"],
    ["restore over", back, { apply: "done", restore: "done" }, "restore"],
    ["a new rollback", rollback, {}, "recall"],
    ["recalling cut short", { ...rollback, phase: "pre_build" }, {}, "recall"],
    ["recalled", planned, {}, "plan"],
    ["a rollback's apply begun", planned, { apply: "about_to" }, "apply"],
    ["a rollback's apply over", planned, { apply: "done" }, "roll_out"],
    ["a rollback's mark begun", planned, { apply: "done", mark: "about_to" }, "mark"],
    ["a rollback going back", { ...planned, state: "rolling_back" }, {}, "restore"],
  ] as const)("%s", (_, record, journal, step) => {
    expect(firstStep({ ...record, journal: new Map(Object.entries(journal)) })).toBe(step);
  });
});

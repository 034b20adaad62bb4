import { toSkepError, type SkepError } from "../errors.ts";
import { hideSecrets } from "./hide-secrets.ts";
import { failureFromError, redactFailure } from "./failure.ts";
import { PHASE_OF, type Step, type StepResult } from "./machine.ts";
import type { Run } from "./run.ts";
import { applyStack } from "./steps/apply.ts";
import { buildRelease } from "./steps/build.ts";
import { markRelease } from "./steps/mark.ts";
import { makePlan } from "./steps/plan.ts";
import { pruneServices } from "./steps/prune.ts";
import { recallRelease } from "./steps/recall.ts";
import { restorePrevious } from "./steps/restore.ts";
import { findSource } from "./steps/source.ts";
import { prove, rollOut, watchRestore } from "./steps/watch.ts";

const STEP_EFFECTS: Readonly<Record<Step, (run: Run) => Promise<StepResult>>> = {
  source: findSource,
  recall: recallRelease,
  build: buildRelease,
  plan: makePlan,
  apply: applyStack,
  roll_out: rollOut,
  prove,
  prune: pruneServices,
  mark: markRelease,
  restore: restorePrevious,
  watch_restore: watchRestore,
};

/**
 * Performs a step, waiting for an engine or a GitHub that is away for as long as the limits say. Throws when the
 * process stops or the lease is lost; somebody's wish to cancel is a result.
 */
export async function perform(run: Run, step: Step): Promise<StepResult> {
  const { clock, limits } = run.deps;
  let troubleSince: number | null = null;
  for (let attempt = 0; ; attempt++) {
    try {
      await run.begin(step);
      run.signal.throwIfAborted();
      await hideSecrets(run);
      const result = redacted(run, await STEP_EFFECTS[step](run));
      return result.kind === "done" && isCancelled(run) ? cancelled(run, step) : result;
    } catch (thrown) {
      run.stopped.throwIfAborted();
      if (isCancelled(run)) return cancelled(run, step);
      const error = toSkepError(thrown);
      if (error.code === "lease_lost") throw error;
      // What was seen since then is no part of this trouble.
      if (troubleSince === null || run.progressAt() > troubleSince) {
        troubleSince = clock.now();
        attempt = 0;
      }
      const isOver = clock.now() >= troubleSince + limits.retryMs;
      if (!error.retryable || isOver) return failed(run, step, error);
      run.say(`${error.message}; trying again`, "error");
      // Cut short, it is the next attempt that sees why.
      await clock.sleep(Math.min(250 * 2 ** attempt, 10_000), run.signal).catch(() => undefined);
    }
  }
}

function redacted(run: Run, result: StepResult): StepResult {
  if (!("failure" in result)) return result;
  return { ...result, failure: redactFailure(result.failure, run.hidden() ?? []) };
}

/** The end of a step that threw. A spec that was on its way when the engine went away may have arrived. */
function failed(run: Run, step: Step, error: SkepError): StepResult {
  const isInDoubt =
    step === "apply" && error.retryable && run.journalEntry("apply")?.state === "about_to";
  const failure = failureFromError(error, PHASE_OF[step]);
  return redacted(run, { kind: "failed", failure, isInDoubt });
}

function isCancelled(run: Run): boolean {
  return run.signal.aborted && !run.stopped.aborted;
}

function cancelled(run: Run, step: Step): StepResult {
  const failure = failureFromError(toSkepError(run.signal.reason), PHASE_OF[step]);
  return redacted(run, {
    kind: "cancelled",
    failure,
    isTouched: run.journalEntry("apply") !== null,
  });
}

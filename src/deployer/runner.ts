import type { Deployment, Failure } from "../deployment.ts";
import type { SkepError } from "../errors.ts";
import { toSkepError } from "../errors.ts";
import type { Claim, DeploymentPatch } from "../store/ports.ts";
import { failureFromError, redactFailure } from "./failure.ts";
import { firstStep, next, PHASE_OF, type Step, type StepResult } from "./machine.ts";
import { enterPhase, leavePhase, notePhase } from "./phases.ts";
import { createRun, type Run, type RunnerDeps } from "./run.ts";
import { applyService } from "./steps/apply.ts";
import { buildRelease } from "./steps/build.ts";
import { markRelease } from "./steps/mark.ts";
import { makePlan } from "./steps/plan.ts";
import { restorePrevious } from "./steps/restore.ts";
import { findSource } from "./steps/source.ts";
import { prove, rollOut, watchRestore } from "./steps/watch.ts";

const STEP_EFFECTS: Readonly<Record<Step, (run: Run) => Promise<StepResult>>> = {
  source: findSource,
  build: buildRelease,
  plan: makePlan,
  apply: applyService,
  roll_out: rollOut,
  prove,
  mark: markRelease,
  restore: restorePrevious,
  watch_restore: watchRestore,
};

/**
 * Runs a claimed deployment to its final state and returns it. Aborted by the signal, it throws the signal's reason
 * and leaves the deployment where it stands; whoever claims it next goes on from there.
 */
export async function runDeployment(
  deps: RunnerDeps,
  claim: Claim,
  signal: AbortSignal,
): Promise<Deployment> {
  const ended = new AbortController();
  try {
    return await runSteps(await openRun(deps, claim, { signal, ended: ended.signal }), claim);
  } finally {
    ended.abort();
  }
}

async function runSteps(run: Run, claim: Claim): Promise<Deployment> {
  const { deps } = run;
  if (claim.resumed) run.say("an earlier run was cut short: going on where it stopped");
  let step = firstStep({
    state: run.deployment().state,
    hasRelease: run.deployment().releaseId !== null,
    journal: new Map(
      (await deps.store.deployments.journal(run.deployment().id)).map(({ step: name, state }) => [
        name,
        state,
      ]),
    ),
  });
  for (;;) {
    await enter(run, step);
    const result = redacted(await perform(run, step));
    const following = next(step, result);
    if (result.kind === "failed") tellFailure(run, result.failure);
    if (following.kind === "end") return end(run, following.state, result);
    await leave(run, step, following, result);
    step = following.step;
  }
}

async function openRun(
  deps: RunnerDeps,
  claim: Claim,
  signals: { readonly signal: AbortSignal; readonly ended: AbortSignal },
): Promise<Run> {
  const { deployment, lease } = claim;
  const [journal, release] = await Promise.all([
    deps.store.deployments.journal(deployment.id),
    deployment.releaseId === null ? null : deps.store.catalog.release(deployment.releaseId),
  ]);
  return createRun(deps, { deployment, lease, journal, release, ...signals });
}

async function enter(run: Run, step: Step): Promise<void> {
  const phase = PHASE_OF[step];
  const { phase: current, phases } = run.deployment();
  const entered = enterPhase(phases, phase, run.deps.clock.now());
  if (current === phase && entered === phases) return;
  await run.patch({ phase, phases: entered }, step);
}

/** Performs a step, waiting for an engine or a GitHub that is away for as long as the limits say. */
async function perform(run: Run, step: Step): Promise<StepResult> {
  const { clock, limits } = run.deps;
  let troubleSince: number | null = null;
  for (let attempt = 0; ; attempt++) {
    try {
      run.signal.throwIfAborted();
      return await STEP_EFFECTS[step](run);
    } catch (thrown) {
      run.signal.throwIfAborted();
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
      await clock.sleep(Math.min(250 * 2 ** attempt, 10_000), run.signal);
    }
  }
}

function redacted(result: StepResult): StepResult {
  if (result.kind !== "failed") return result;
  return { ...result, failure: redactFailure(result.failure) };
}

/** The end of a step that threw. A spec that was on its way when the engine went away may have arrived. */
function failed(run: Run, step: Step, error: SkepError): StepResult {
  const isInDoubt =
    step === "apply" && error.retryable && run.journalEntry("apply")?.state === "about_to";
  return { kind: "failed", failure: failureFromError(error, PHASE_OF[step]), isInDoubt };
}

function tellFailure(run: Run, failure: Failure): void {
  run.say(`${failure.summary} (${failure.code})`, "error");
  for (const line of failure.evidence) run.say(`  ${line}`, "error");
  run.say(failure.nextStep, "error");
}

/** Closes a step's phase; when all went well, the same write opens the next one. */
async function leave(
  run: Run,
  step: Step,
  following: { readonly step: Step; readonly state: "running" | "rolling_back" },
  result: StepResult,
): Promise<void> {
  const { phases } = run.deployment();
  const at = run.deps.clock.now();
  const isFailed = result.kind === "failed";
  const note = result.kind === "done" ? result.note : null;
  const phase = PHASE_OF[following.step];
  const left = phasesAfter(phases, { step, following: following.step, at, isFailed, note, result });
  const opens = !isFailed && phase !== PHASE_OF[step];
  const patch: DeploymentPatch = {
    state: following.state,
    ...(isFailed ? { failure: result.failure } : {}),
    ...(step === "roll_out" && !isFailed ? { tasksRunningAt: at } : {}),
    ...(opens ? { phase, phases: enterPhase(left, phase, at) } : { phases: left }),
  };
  if (
    PHASE_OF[step] === PHASE_OF[following.step] &&
    !isFailed &&
    note === null &&
    step !== "roll_out"
  )
    return;
  await run.patch(patch, isFailed ? result.failure.code : opens ? following.step : step);
}

function phasesAfter(
  phases: Deployment["phases"],
  end: {
    readonly step: Step;
    readonly following: Step;
    readonly at: number;
    readonly isFailed: boolean;
    readonly note: string | null;
    readonly result: StepResult;
  },
): Deployment["phases"] {
  if (end.isFailed) return leavePhase(phases, { at: end.at, outcome: "failed", note: null });
  const noted = notePhase(phases, end.note);
  if (PHASE_OF[end.step] === PHASE_OF[end.following]) return noted;
  const isSkipped =
    end.result.kind === "done" && end.result.skipped === true && end.step === "build";
  return leavePhase(noted, {
    at: end.at,
    outcome: isSkipped ? "skipped" : "succeeded",
    note: null,
  });
}

async function end(
  run: Run,
  state: "succeeded" | "failed" | "rolled_back" | "rollback_failed",
  result: StepResult,
): Promise<Deployment> {
  const { deps, lease } = run;
  const at = deps.clock.now();
  const before = run.deployment();
  const failure =
    result.kind === "failed" ? joinFailures(before.failure, result.failure) : before.failure;
  const outcome = state === "succeeded" || state === "rolled_back" ? "succeeded" : "failed";
  run.say(`deployment ${state.replace("_", " ")}`, state === "succeeded" ? "info" : "error");
  return deps.store.deployments.finish(lease, {
    patch: {
      state,
      failure,
      finishedAt: at,
      phases: leavePhase(before.phases, { at, outcome, note: null }),
    },
    reason: failure?.code ?? "proved",
    at,
    desiredReleaseId: state === "succeeded" ? before.releaseId : null,
  });
}

/** When going back fails too, the first failure stays the cause and the second one is told with it. */
function joinFailures(first: Failure | null, second: Failure): Failure {
  if (!first) return second;
  return {
    ...first,
    summary: `${first.summary}; going back to the previous release failed too: ${second.summary}`,
    evidence: [...first.evidence, ...second.evidence],
    nextStep: second.nextStep,
  };
}

import type { Deployment } from "../deployment.ts";
import type { DeploymentPatch } from "../store/ports.ts";
import { joinFailures } from "./failure.ts";
import { PHASE_OF, type EndState, type Next, type Step, type StepResult } from "./machine.ts";
import { enterPhase, leavePhase, notePhase } from "./phases.ts";
import type { Run } from "./run.ts";

/** Writes that a step has begun; nothing when its phase was entered before. */
export async function enterStep(run: Run, step: Step): Promise<void> {
  const phase = PHASE_OF[step];
  const { phase: current, phases } = run.deployment();
  const entered = enterPhase(phases, phase, run.deps.clock.now());
  if (current === phase && entered === phases) return;
  await run.patch({ phase, phases: entered }, step);
}

/** Writes how a step ended that another one follows; when all went well, the same write enters that one's phase. */
export async function leaveStep(
  run: Run,
  step: Step,
  following: Extract<Next, { readonly kind: "step" }>,
  result: StepResult,
): Promise<void> {
  const { phases } = run.deployment();
  const at = run.deps.clock.now();
  const { state } = following;
  if ("failure" in result) {
    const { failure } = result;
    const left = leavePhase(phases, { at, outcome: "failed", note: null });
    return await run.patch({ state, failure, phases: left }, failure.code);
  }
  const phase = PHASE_OF[following.step];
  const noted = notePhase(phases, result.kind === "done" ? result.note : null);
  const ran: DeploymentPatch = step === "roll_out" ? { tasksRunningAt: at } : {};
  if (phase !== PHASE_OF[step]) {
    // An `apply` that is skipped ends no phase, and the others never are.
    const isSkipped = step === "build" && result.kind === "done" && result.skipped === true;
    const left = leavePhase(noted, {
      at,
      outcome: isSkipped ? "skipped" : "succeeded",
      note: null,
    });
    const entered = enterPhase(left, phase, at);
    return await run.patch({ state, ...ran, phase, phases: entered }, following.step);
  }
  const hasNews = noted !== phases || step === "roll_out";
  if (hasNews) await run.patch({ state, ...ran, phases: noted }, step);
}

/** Ends the run in its final state. */
export async function endRun(run: Run, state: EndState, result: StepResult): Promise<Deployment> {
  const { deps, lease } = run;
  const at = deps.clock.now();
  const before = run.deployment();
  const failure =
    "failure" in result ? joinFailures(before.failure, result.failure) : before.failure;
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

import type { Deployment, Failure } from "../deployment.ts";
import type { Claim } from "../store/ports.ts";
import { watchForCancel } from "./cancel-watch.ts";
import { firstStep, next } from "./machine.ts";
import { perform } from "./perform.ts";
import { createRun, type Run, type RunnerDeps } from "./run.ts";
import { endRun, enterStep, leaveStep } from "./step-record.ts";

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
    return await runSteps(await openRun(deps, claim, { stopped: signal, ended: ended.signal }));
  } finally {
    ended.abort();
  }
}

async function openRun(
  deps: RunnerDeps,
  claim: Claim,
  signals: { readonly stopped: AbortSignal; readonly ended: AbortSignal },
): Promise<Run> {
  const { deployment, lease, resumed } = claim;
  const [journal, release] = await Promise.all([
    deps.store.deployments.journal(deployment.id),
    deployment.releaseId === null ? null : deps.store.catalog.release(deployment.releaseId),
  ]);
  const { store, clock, limits } = deps;
  // As often as the lease is renewed.
  const watch = { store, clock, everyMs: limits.leaseMs / 3 };
  const cancel = watchForCancel(watch, deployment, signals.ended);
  const run = createRun(deps, { deployment, lease, journal, release, cancel, ...signals });
  if (resumed) run.say("an earlier run was cut short: going on where it stopped");
  return run;
}

async function runSteps(run: Run): Promise<Deployment> {
  const { kind, state, phase } = run.deployment();
  const hasRelease = run.hasRelease();
  let step = firstStep({ kind, state, phase, hasRelease, journal: run.journalStates() });
  for (;;) {
    await enterStep(run, step);
    const result = await perform(run, step);
    const following = next(step, result);
    if ("failure" in result) tellFailure(run, result.failure);
    if (following.kind === "end") return endRun(run, following.state, result);
    await leaveStep(run, step, following, result);
    step = following.step;
  }
}

function tellFailure(run: Run, failure: Failure): void {
  run.say(`${failure.summary} (${failure.code})`, "error");
  for (const line of failure.evidence) run.say(`  ${line}`, "error");
  run.say(failure.nextStep, "error");
}

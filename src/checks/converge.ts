import type { Deployment } from "../deployment.ts";
import { type SkepError, toSkepError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Report, Store } from "../store/ports.ts";
import type { InstallationBudgets } from "./installation-budgets.ts";
import { channelOf, githubDeploymentOf, nextEffect, PROGRESS_INTERVAL_MS } from "./next-effect.ts";
import { performEffect, settled, type EffectDeps, type EffectRequest } from "./perform-effect.ts";
import { project, type Projection } from "./projection.ts";
import type { ProjectionContext } from "./render-title.ts";
import { retryDelay } from "./retry-schedule.ts";
import { readSent, withRefusal, type Channel } from "./sent.ts";

/** What bringing GitHub up to date needs. */
export interface ConvergeDeps extends Omit<EffectDeps, "outbox"> {
  readonly store: Store;
  readonly budgets: InstallationBudgets;
  readonly log: Logger;
  readonly baseUrl: string;
  /** True once the process shuts down: no further effect is begun. */
  readonly isClosing: () => boolean;
}

/** Where a pass over one deployment ended. */
type Pass =
  | { readonly kind: "unfinished" }
  | {
      readonly kind: "later";
      readonly report: Report;
      readonly at: number;
      /** Record version that this was decided on. */
      readonly version: number;
    }
  | {
      readonly kind: "sent";
      readonly report: Report;
      readonly deployment: Deployment;
      readonly projection: Projection;
    }
  | { readonly kind: "failed"; readonly report: Report; readonly failure: SkepError };

/**
 * Makes GitHub show what the store says of one deployment, as far as that is possible now, and saves when to look
 * again. Rejects only when the store does.
 */
export async function converge(deps: ConvergeDeps, deploymentId: string): Promise<void> {
  const { outbox } = deps.store;
  let pass = await send(deps, deploymentId, new Set());
  if (pass.kind === "sent" && pass.projection.replaces !== null) {
    const failure = await retire(deps, pass.projection.replaces);
    if (failure === "unfinished") return;
    if (failure !== null) pass = { kind: "failed", report: pass.report, failure };
  }
  switch (pass.kind) {
    case "unfinished":
      // The outbox hands it out again when its reservation is over.
      return;
    case "later":
      return outbox.save({ ...pass.report, nextAttemptAt: pass.at, seenVersion: pass.version });
    case "failed":
      return saveFailure(deps, pass.report, pass.failure);
    case "sent":
      return saveSent(deps, pass.report, pass.deployment);
  }
}

/** Sends effect after effect, each decided anew from the store: what happened meanwhile is never overwritten. */
async function send(
  deps: ConvergeDeps,
  deploymentId: string,
  leaveAlone: ReadonlySet<Channel>,
): Promise<Pass> {
  let report = await deps.store.outbox.get(deploymentId);
  let failure: SkepError | null = null;
  const setAside = new Set(leaveAlone);
  for (;;) {
    const deployment = await deps.store.deployments.get(deploymentId);
    if (deployment === null || deps.isClosing()) return { kind: "unfinished" };
    const projection = project(deployment, await contextOf(deps, deployment));
    const now = deps.clock.now();
    const next = nextEffect({ deployment, projection, report, now, setAside });
    if (next.kind !== "effect") {
      if (failure !== null) return { kind: "failed", report, failure };
      if (next.kind === "later") {
        return { kind: "later", report, at: next.at, version: deployment.recordVersion };
      }
      return { kind: "sent", report, deployment, projection };
    }
    const { installationId } = deployment.repository;
    const urgency = next.isProgress ? "progress" : "report";
    if (!deps.budgets.take(installationId, urgency)) return { kind: "unfinished" };
    const attempted = await attempt(deps, { deployment, report, effect: next.effect });
    report = attempted.report;
    if (attempted.error === null) continue;
    failure = attempted.error;
    setAside.add(channelOf(next.effect));
    if (pauseAsked(deps, installationId, failure) > 0) return { kind: "failed", report, failure };
  }
}

/** Performs one effect. What GitHub refuses for good is noted in the report; what may work later is returned. */
async function attempt(
  deps: ConvergeDeps,
  request: EffectRequest,
): Promise<{ readonly report: Report; readonly error: SkepError | null }> {
  const { outbox } = deps.store;
  try {
    return { report: await performEffect({ ...deps, outbox }, request), error: null };
  } catch (thrown) {
    const error = toSkepError(thrown);
    if (error.code !== "github_unavailable") throw thrown;
    const report = await outbox.get(request.deployment.id);
    if (error.retryable) return { report, error };
    return { report: await giveUp(deps, request, report, error), error: null };
  }
}

/** Marks the deployment that a success replaced as inactive. Returns what kept it from that. */
async function retire(
  deps: ConvergeDeps,
  replaced: string,
): Promise<SkepError | "unfinished" | null> {
  let previous = await deps.store.deployments.get(replaced);
  // A roll-back also runs a release until it is replaced; the success before it is what GitHub shows as active.
  while (previous !== null && previous.state !== "succeeded") {
    const before = previous.previousDeploymentId;
    previous = before === null ? null : await deps.store.deployments.get(before);
  }
  if (previous === null) return null;
  const report = await deps.store.outbox.get(previous.id);
  if (githubDeploymentOf(previous, report) === null) return null;
  // Its check run is left alone as long as it offers nothing that is over.
  const offers = previous.previousDeploymentId !== null;
  const pass = await send(deps, previous.id, new Set<Channel>(offers ? [] : ["check_run"]));
  if (pass.kind === "failed") return pass.failure;
  return pass.kind === "sent" ? null : "unfinished";
}

async function contextOf(
  { store, baseUrl }: ConvergeDeps,
  deployment: Deployment,
): Promise<ProjectionContext> {
  const { repository, app, environment, supersededBy } = deployment;
  const key = { repositoryId: repository.id, app, environment };
  const activeId = (await store.catalog.environment(key))?.activeDeploymentId ?? null;
  return {
    baseUrl,
    active: activeId === null ? null : await store.deployments.get(activeId),
    successor: supersededBy === null ? null : await store.deployments.get(supersededBy),
  };
}

/** Notes that GitHub refuses an effect for good, so that the rest of the report goes on without it. */
async function giveUp(
  { store, log }: ConvergeDeps,
  { deployment, effect }: EffectRequest,
  report: Report,
  error: SkepError,
): Promise<Report> {
  const refused = withRefusal(settled(report, effect.kind), channelOf(effect), deployment.state);
  const saved = { ...refused, lastError: error.message };
  await store.outbox.save(saved);
  const about = { deploymentId: deployment.id, effect: effect.kind, err: error };
  log.warn(about, "GitHub refuses a report");
  return saved;
}

/** Pauses the whole installation when GitHub asked for it; returns for how long, in milliseconds. */
function pauseAsked(deps: ConvergeDeps, installationId: number, error: SkepError): number {
  const asked = Number(error.details["retryAfterMs"] ?? 0);
  if (asked > 0) deps.budgets.pause(installationId, asked);
  return asked;
}

/** Puts a report off whose sending broke off for a reason that is not GitHub's. */
export async function postpone(
  deps: ConvergeDeps,
  deploymentId: string,
  failure: SkepError,
): Promise<void> {
  await saveFailure(deps, await deps.store.outbox.get(deploymentId), failure);
}

async function saveFailure(deps: ConvergeDeps, report: Report, failure: SkepError): Promise<void> {
  const attempts = report.attempts + 1;
  const delay = retryDelay(attempts, Number(failure.details["retryAfterMs"] ?? 0));
  deps.log.warn(
    { deploymentId: report.deploymentId, attempts, delayMs: delay, err: failure },
    "reporting to GitHub is repeated",
  );
  const nextAttemptAt = deps.clock.now() + delay;
  await deps.store.outbox.save({ ...report, attempts, nextAttemptAt, lastError: failure.message });
}

async function saveSent(deps: ConvergeDeps, report: Report, deployment: Deployment): Promise<void> {
  const { refused, editedAt } = readSent(report);
  const isRefused = Object.values(refused).includes(deployment.state);
  await deps.store.outbox.save({
    ...report,
    sentVersion: deployment.recordVersion,
    seenVersion: deployment.recordVersion,
    attempts: 0,
    // Progress waits until then; the store hands a final state out at once.
    nextAttemptAt: (editedAt ?? deps.clock.now()) + PROGRESS_INTERVAL_MS,
    lastError: isRefused ? report.lastError : null,
  });
}

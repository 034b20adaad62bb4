import { runDeployment } from "../deployer/runner.ts";
import type { RunnerDeps } from "../deployer/run.ts";
import { toSkepError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Claim, Lease } from "../store/ports.ts";

/** What the deployment lane works with. */
export interface DeploymentLaneDeps {
  readonly runner: RunnerDeps;
  /** Names this process in its leases. */
  readonly owner: string;
  readonly log: Logger;
}

/** How a process ends: first it takes no more work (`closing`), then it stops what runs (`aborting`). */
export interface ShutdownSignals {
  readonly closing: AbortSignal;
  readonly aborting: AbortSignal;
}

/** Runs what waits in one lane, one deployment after the other, until nothing is left or the process ends. */
export async function runDeploymentLane(
  deps: DeploymentLaneDeps,
  lane: string,
  shutdown: ShutdownSignals,
): Promise<void> {
  const { store, clock, limits } = deps.runner;
  while (!shutdown.closing.aborted) {
    const now = clock.now();
    const claim = await store.deployments.claim({
      lane,
      owner: deps.owner,
      now,
      leaseMs: limits.leaseMs,
    });
    if (!claim) return;
    await runClaim(deps, claim, shutdown.aborting);
  }
}

async function runClaim(
  deps: DeploymentLaneDeps,
  claim: Claim,
  aborting: AbortSignal,
): Promise<void> {
  const { id, repository, environment, sha } = claim.deployment;
  const about = {
    deploymentId: id,
    repository: `${repository.owner}/${repository.name}`,
    environment,
    sha,
  };
  deps.log.info({ ...about, resumed: claim.resumed }, "deployment started");
  const ended = new AbortController();
  const leaseLost = new AbortController();
  const renewing = renewLease(deps, claim.lease, ended.signal, leaseLost);
  try {
    const signal = AbortSignal.any([aborting, leaseLost.signal]);
    const { state, failure } = await runDeployment(deps.runner, claim, signal);
    deps.log.info({ ...about, state, code: failure?.code ?? null }, "deployment ended");
  } catch (thrown) {
    if (!aborting.aborted) throw thrown;
    await deps.runner.store.deployments.handBack(claim.lease);
    deps.log.info(about, "deployment handed back for the next start");
  } finally {
    ended.abort();
    await renewing;
  }
}

/** Keeps the lease alive until the run ends; aborts the run when somebody else holds it. */
async function renewLease(
  deps: DeploymentLaneDeps,
  lease: Lease,
  ended: AbortSignal,
  lost: AbortController,
): Promise<void> {
  const { store, clock, limits } = deps.runner;
  while (!ended.aborted) {
    try {
      await clock.sleep(limits.leaseMs / 3, ended);
      await store.deployments.renew(lease, clock.now() + limits.leaseMs);
    } catch (thrown) {
      if (ended.aborted) return;
      const error = toSkepError(thrown);
      deps.log.warn({ err: error, deploymentId: lease.deploymentId }, "renewing a lease");
      if (error.code === "lease_lost") return lost.abort(error);
    }
  }
}

import type { Deployment, DeploymentState, Transition } from "../deployment.ts";
import { isFinal, laneOf } from "../deployment.ts";
import { endHold, environmentOf, loadHold } from "./holds.ts";
import type { EnvironmentKey } from "./ports.ts";
import { deploymentFromRow, writeDeployment, type Change } from "./records.ts";
import type { Connection } from "./schema.ts";

/** A transaction, and what is to be told once it is committed. */
export interface Work {
  readonly connection: Connection;
  readonly transitions: Transition[];
  /** Deployments that waited and are queued now. */
  readonly released: Deployment[];
}

/** Work in which nothing was done yet. */
export function beginWork(connection: Connection): Work {
  return { connection, transitions: [], released: [] };
}

/** Writes a deployment; when that is its end, what waited for it goes on. */
export async function write(work: Work, before: Deployment, change: Change): Promise<Deployment> {
  const { deployment, transition } = await writeDeployment(work.connection, before, change);
  if (transition) work.transitions.push(transition);
  if (!isFinal(deployment.state)) return deployment;
  if (await endHold(work.connection, deployment)) {
    await settleWaiting(work, environmentOf(deployment), change.at);
  }
  return deployment;
}

/** Ends deployments of `by`'s lane that have not begun and are in one of the states: it replaces them. */
export async function supersede(
  work: Work,
  by: Deployment,
  { states, at }: { readonly states: readonly DeploymentState[]; readonly at: number },
): Promise<void> {
  for (const older of await unstarted(work, by.lane)) {
    if (older.id === by.id || !states.includes(older.state)) continue;
    await write(work, older, supersededBy(by, at));
  }
}

/**
 * Queues a deployment that waited; it replaces what is queued still, as the newer one. Is there a newer one that has
 * not begun, that replaces it instead. Does nothing when it does not wait any more.
 */
export async function release(work: Work, id: string, at: number): Promise<void> {
  const waiting = await find(work, id);
  if (waiting?.state !== "waiting") return;
  const newest = (await unstarted(work, waiting.lane))[0];
  if (newest && newest.id !== id) {
    await write(work, waiting, supersededBy(newest, at));
    return;
  }
  const change = { patch: { state: "queued" as const }, reason: "released", at };
  const queued = await write(work, waiting, change);
  work.released.push(queued);
  await supersede(work, queued, { states: ["queued"], at });
}

/** Cancels a deployment that has not begun, and asks the run of one that has to end it. */
export async function cancel(
  work: Work,
  { deploymentId, by, at }: { readonly deploymentId: string; readonly by: string; at: number },
): Promise<void> {
  const deployment = await find(work, deploymentId);
  if (!deployment || isFinal(deployment.state)) return;
  if (deployment.state === "running" || deployment.state === "rolling_back") {
    if (deployment.cancelledBy !== null) return;
    const patch = { cancelledBy: by };
    await write(work, deployment, { patch, reason: "cancel requested", at, isTold: true });
    return;
  }
  const failure = {
    code: "cancelled_by_user" as const,
    phase: null,
    summary: `cancelled by ${by}`,
    evidence: [],
    nextStep: `Nothing was changed; \`/retry ${deployment.environment}\` runs it again.`,
    annotations: [],
  };
  await write(work, deployment, {
    patch: { state: "cancelled", cancelledBy: by, finishedAt: at, failure },
    reason: "cancelled",
    at,
  });
}

/** What waits for a hold that counts no more waits for the one that does now, or is released. */
export async function settleWaiting(work: Work, key: EnvironmentKey, at: number): Promise<void> {
  const hold = await loadHold(work.connection, key);
  const lane = laneOf(key.repositoryId, key.app, key.environment);
  for (const deployment of await unstarted(work, lane)) {
    const { waitingFor } = deployment;
    if (waitingFor === null || waitingFor.deploymentId === hold?.deploymentId) continue;
    if (hold === null) await release(work, deployment.id, at);
    else await write(work, deployment, { patch: { waitingFor: hold }, reason: "held", at });
  }
}

function supersededBy(by: Deployment, at: number): Change {
  return {
    patch: { state: "superseded", supersededBy: by.id, finishedAt: at },
    reason: `superseded by ${by.version}`,
    at,
  };
}

async function find({ connection }: Work, id: string): Promise<Deployment | null> {
  const row = await connection
    .selectFrom("deployments")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return row ? deploymentFromRow(row) : null;
}

/** The deployments of a lane that have not begun, newest first: at most one waits, behind at most one that is queued. */
async function unstarted({ connection }: Work, lane: string): Promise<readonly Deployment[]> {
  const rows = await connection
    .selectFrom("deployments")
    .selectAll()
    .where("lane", "=", lane)
    .where("state", "in", ["waiting", "queued"])
    .orderBy("number", "desc")
    .execute();
  return rows.map(deploymentFromRow);
}

import type { Insertable, Selectable } from "kysely";
import type { Deployment, DeploymentState, PlanOperation, Transition } from "../deployment.ts";
import { isFinal, NEXT_STATES } from "../deployment.ts";
import { SkepError } from "../errors.ts";
import { touchConversation } from "./conversation-rows.ts";
import type { Connection, Tables } from "./schema.ts";

/** What the records of an older Skep do not say. */
const ADDED_LATER: Partial<Deployment> = {
  kind: "deploy",
  origin: { kind: "push", pullRequest: null },
  headOf: null,
  githubDeploymentId: null,
  waitingFor: null,
  cancelledBy: null,
};

const ADDED_TO_PLANS: Partial<PlanOperation> = { risks: [] };

/** Reads a deployment from its row; the columns that SQL decides by win over the JSON. */
export function deploymentFromRow(row: Selectable<Tables["deployments"]>): Deployment {
  const record = JSON.parse(row.record) as Deployment;
  const plan = record.plan.map((operation) => ({ ...ADDED_TO_PLANS, ...operation }));
  const { number, record_version: recordVersion } = row;
  return { ...ADDED_LATER, ...record, plan, number, recordVersion };
}

/** The row of a deployment, without a lease. */
export function rowFromDeployment(deployment: Deployment): Insertable<Tables["deployments"]> {
  return {
    id: deployment.id,
    lane: deployment.lane,
    number: deployment.number,
    state: deployment.state,
    record_version: deployment.recordVersion,
    lease_owner: null,
    lease_token: 0,
    lease_expires_at: 0,
    record: JSON.stringify(deployment),
  };
}

/** Loads a deployment that must be there. */
export async function loadDeployment(connection: Connection, id: string): Promise<Deployment> {
  const row = await connection
    .selectFrom("deployments")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  if (!row) throw new SkepError("internal", `reading deployment ${id}: it is not in the store`);
  return deploymentFromRow(row);
}

/** A change to a deployment, with its cause and time. */
export interface Change {
  readonly patch: Partial<Deployment>;
  readonly reason: string;
  readonly at: number;
  /** Whether it is told as a transition although neither state nor phase moves. */
  readonly isTold?: boolean;
}

/** Writes a changed deployment with its next record version, and the transition when state or phase moved. */
export async function writeDeployment(
  connection: Connection,
  before: Deployment,
  change: Change,
): Promise<{ readonly deployment: Deployment; readonly transition: Transition | null }> {
  const changed = { ...before, ...change.patch, recordVersion: before.recordVersion + 1 };
  const waitingFor = changed.state === "waiting" ? changed.waitingFor : null;
  const deployment = { ...changed, waitingFor };
  guardTransition(before, deployment);
  await connection
    .updateTable("deployments")
    .set({
      state: deployment.state,
      record_version: deployment.recordVersion,
      record: JSON.stringify(deployment),
    })
    .where("id", "=", before.id)
    .execute();
  if (isFinal(deployment.state)) await reportAtOnce(connection, deployment.id);
  await touchConversationOf(connection, deployment);
  const moved = before.state !== deployment.state || before.phase !== deployment.phase;
  if (!moved && change.isTold !== true) return { deployment, transition: null };
  const transition = {
    deploymentId: deployment.id,
    from: before.state,
    to: deployment.state,
    phase: deployment.phase,
    reason: change.reason,
    at: change.at,
  };
  await insertTransition(connection, transition);
  return { deployment, transition };
}

/** Lets the pull request where a deployment was asked for tell of what became of it. */
export async function touchConversationOf(
  connection: Connection,
  { repository, origin, state, recordVersion }: Deployment,
): Promise<void> {
  if (origin.pullRequest === null) return;
  const isUrgent = isFinal(state) || recordVersion === 1;
  const key = { repositoryId: repository.id, number: origin.pullRequest };
  await touchConversation(connection, key, isUrgent);
}

function guardTransition(before: Deployment, after: Deployment): void {
  const next: readonly DeploymentState[] = NEXT_STATES[before.state];
  if (next.includes(after.state)) return;
  // It waits for something else now.
  if (before.state === "waiting" && after.state === "waiting") return;
  throw new SkepError(
    "internal",
    `writing deployment ${before.id}: ${before.state} cannot become ${after.state}`,
  );
}

/** A final state is reported without waiting for the next progress edit, unless GitHub is failing just now. */
async function reportAtOnce(connection: Connection, deploymentId: string): Promise<void> {
  const row = await connection
    .selectFrom("reports")
    .select("record")
    .where("deployment_id", "=", deploymentId)
    .executeTakeFirst();
  const attempts = row ? (JSON.parse(row.record) as { attempts: number }).attempts : 0;
  if (attempts > 0) return;
  await connection
    .updateTable("reports")
    .set({ next_attempt_at: 0 })
    .where("deployment_id", "=", deploymentId)
    .execute();
}

/** Appends to the history of a deployment. */
export async function insertTransition(
  connection: Connection,
  transition: Transition,
): Promise<void> {
  await connection
    .insertInto("transitions")
    .values({
      deployment_id: transition.deploymentId,
      from_state: transition.from,
      to_state: transition.to,
      phase: transition.phase,
      reason: transition.reason,
      at: transition.at,
    })
    .execute();
}

import type { Deployment, Transition } from "../deployment.ts";
import { insertAnswer } from "./conversation-rows.ts";
import { environmentOf, isMoot, loadHold, setHold } from "./holds.ts";
import type { Decision, NewDeployment } from "./ports.ts";
import { insertSighting } from "./pull-requests.ts";
import { insertTransition, rowFromDeployment, touchConversationOf } from "./records.ts";
import type { Connection } from "./schema.ts";
import { beginWork, cancel, release, settleWaiting, supersede, type Work } from "./unstarted.ts";

/** What a decision made: deployments (new, or released), and the transitions to be told after the commit. */
export interface Decided {
  readonly deployments: readonly Deployment[];
  readonly transitions: readonly Transition[];
}

/** Writes all that follows from a decision, in the order that `Inbox.decide` promises. */
export async function decide(connection: Connection, decision: Decision): Promise<Decided> {
  const work = beginWork(connection);
  if (!(await isUndecided(connection, decision.deliveryGuid))) return { ...work, deployments: [] };
  const { at } = decision;
  for (const sighting of decision.sightings) await insertSighting(connection, sighting);
  await moveDecided(connection, decision);
  for (const cancelled of decision.cancelled) await cancel(work, { ...cancelled, at });
  for (const hold of decision.holds) {
    await setHold(connection, hold, decision.deployments[0]?.id ?? null);
  }
  for (const id of decision.released) await release(work, id, at);
  const made: Deployment[] = [];
  for (const planned of decision.deployments) made.push(await insertDeployment(work, planned));
  for (const { environment } of decision.holds) await settleWaiting(work, environment, at);
  await insertIntents(connection, decision);
  for (const answer of decision.answers) await insertAnswer(connection, answer);
  if (decision.isLast) await endDelivery(connection, decision);
  return { deployments: [...work.released, ...made], transitions: work.transitions };
}

async function isUndecided(connection: Connection, guid: string): Promise<boolean> {
  const row = await connection
    .selectFrom("deliveries")
    .select("arrival")
    .where("guid", "=", guid)
    .where("decided_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

async function endDelivery(connection: Connection, decision: Decision): Promise<void> {
  await connection
    .updateTable("deliveries")
    .set({ decided_at: decision.at })
    .where("guid", "=", decision.deliveryGuid)
    .execute();
}

async function insertIntents(connection: Connection, { intents }: Decision): Promise<void> {
  for (const { id, deliveryGuid, outcome, at } of intents) {
    await connection
      .insertInto("intents")
      .values({ id, delivery_guid: deliveryGuid, outcome: JSON.stringify(outcome), at })
      .execute();
  }
}

async function moveDecided(connection: Connection, decision: Decision): Promise<void> {
  const moved = {
    ...(decision.decidedSha === null ? {} : { decided_sha: decision.decidedSha }),
    ...(decision.decidedVersion === null ? {} : { decided_version: decision.decidedVersion }),
  };
  for (const { repositoryId, app, environment } of decision.decided) {
    await connection
      .insertInto("environments")
      .values({ repository_id: repositoryId, app, environment, ...moved })
      .onConflict((conflict) => {
        const known = conflict.columns(["repository_id", "app", "environment"]);
        return Object.keys(moved).length === 0 ? known.doNothing() : known.doUpdateSet(moved);
      })
      .execute();
  }
}

async function insertDeployment(work: Work, planned: NewDeployment): Promise<Deployment> {
  const { connection } = work;
  const deployment: Deployment = {
    ...(await stillHeld(connection, planned)),
    number: await nextNumber(connection, planned.lane),
    recordVersion: 1,
  };
  const { state, createdAt: at } = deployment;
  if (state === "queued") await supersede(work, deployment, { states: ["waiting", "queued"], at });
  if (state === "waiting") await supersede(work, deployment, { states: ["waiting"], at });
  await connection.insertInto("deployments").values(rowFromDeployment(deployment)).execute();
  await insertReport(connection, deployment.id);
  const created = { deploymentId: deployment.id, from: null, to: state, phase: null };
  const transition: Transition = { ...created, reason: "decided", at };
  await insertTransition(connection, transition);
  work.transitions.push(transition);
  await touchConversationOf(connection, deployment);
  return deployment;
}

/**
 * A rollback may have been refused while it was decided that a deployment waits for its hold; and a hold may count again
 * that was lifted when it was decided that nothing keeps an automatic one away.
 */
async function stillHeld(connection: Connection, planned: NewDeployment): Promise<NewDeployment> {
  const { state, waitingFor, origin, kind } = planned;
  const isAutomatic = kind === "deploy" && origin.kind !== "comment" && origin.kind !== "check_run";
  const isDoubtful =
    state === "waiting"
      ? waitingFor !== null && (await isMoot(connection, waitingFor))
      : state === "queued" && isAutomatic;
  if (!isDoubtful) return planned;
  const hold = await loadHold(connection, environmentOf(planned));
  return { ...planned, state: hold ? "waiting" : "queued", waitingFor: hold };
}

async function nextNumber(connection: Connection, lane: string): Promise<number> {
  const last = await connection
    .selectFrom("deployments")
    .select((select) => select.fn.max("number").as("number"))
    .where("lane", "=", lane)
    .executeTakeFirst();
  return Number(last?.number ?? 0) + 1;
}

async function insertReport(connection: Connection, deploymentId: string): Promise<void> {
  await connection
    .insertInto("reports")
    .values({
      deployment_id: deploymentId,
      record: JSON.stringify({ attempts: 0 }),
      sent_version: 0,
      next_attempt_at: 0,
      reserved_until: 0,
    })
    .execute();
}

import type { Kysely } from "kysely";
import type { Deployment, Transition } from "../deployment.ts";
import { createGroupCommit } from "./group-commit.ts";
import type { Decision, Delivery, Inbox, IntentRecord, Outcome } from "./ports.ts";
import {
  deploymentFromRow,
  insertTransition,
  rowFromDeployment,
  writeDeployment,
} from "./records.ts";
import type { Connection } from "./records.ts";
import type { Tables } from "./schema.ts";

/** Writes what is new among deliveries, and tells of each whether it was. Of equal GUIDs only the first is new. */
async function insertDeliveries(
  connection: Connection,
  deliveries: readonly Delivery[],
): Promise<("stored" | "duplicate")[]> {
  const rows = await connection
    .insertInto("deliveries")
    .values(
      deliveries.map((delivery) => ({
        guid: delivery.guid,
        event: delivery.event,
        repository_id: delivery.repositoryId,
        received_at: delivery.receivedAt,
        decided_at: null,
      })),
    )
    .onConflict((conflict) => conflict.column("guid").doNothing())
    .returning(["guid", "arrival"])
    .execute();
  const fresh = new Map(rows.map(({ guid, arrival }) => [guid, arrival]));
  const payloads: Tables["payloads"][] = [];
  const results = deliveries.map(({ guid, payload }) => {
    const arrival = fresh.get(guid);
    if (arrival === undefined) return "duplicate";
    fresh.delete(guid);
    payloads.push({ arrival, body: payload });
    return "stored";
  });
  if (payloads.length > 0) await connection.insertInto("payloads").values(payloads).execute();
  return results;
}

async function insertDeployment(
  connection: Connection,
  planned: Decision["deployments"][number],
  reason: string,
): Promise<{ readonly deployment: Deployment; readonly transitions: readonly Transition[] }> {
  const transitions: Transition[] = [];
  const last = await connection
    .selectFrom("deployments")
    .select((select) => select.fn.max("number").as("number"))
    .where("lane", "=", planned.lane)
    .executeTakeFirst();
  const deployment: Deployment = {
    ...planned,
    number: Number(last?.number ?? 0) + 1,
    recordVersion: 1,
  };
  if (deployment.state === "queued") {
    transitions.push(...(await supersedeQueued(connection, deployment)));
  }
  await connection.insertInto("deployments").values(rowFromDeployment(deployment)).execute();
  await connection
    .insertInto("reports")
    .values({
      deployment_id: deployment.id,
      record: JSON.stringify({ attempts: 0 }),
      sent_version: 0,
      next_attempt_at: 0,
      reserved_until: 0,
    })
    .execute();
  const created: Transition = {
    deploymentId: deployment.id,
    from: null,
    to: deployment.state,
    phase: null,
    reason,
    at: deployment.createdAt,
  };
  await insertTransition(connection, created);
  return { deployment, transitions: [...transitions, created] };
}

async function supersedeQueued(connection: Connection, by: Deployment): Promise<Transition[]> {
  const rows = await connection
    .selectFrom("deployments")
    .selectAll()
    .where("lane", "=", by.lane)
    .where("state", "=", "queued")
    .execute();
  const transitions: Transition[] = [];
  for (const row of rows) {
    const { transition } = await writeDeployment(connection, deploymentFromRow(row), {
      patch: { state: "superseded", supersededBy: by.id, finishedAt: by.createdAt },
      reason: `superseded by ${by.version}`,
      at: by.createdAt,
    });
    if (transition) transitions.push(transition);
  }
  return transitions;
}

async function moveDecided(connection: Connection, decision: Decision): Promise<void> {
  for (const key of decision.decided) {
    await connection
      .insertInto("environments")
      .values({
        repository_id: key.repositoryId,
        app: key.app,
        environment: key.environment,
        decided_sha: decision.decidedSha,
        desired_release_id: null,
        active_deployment_id: null,
      })
      .onConflict((conflict) =>
        conflict
          .columns(["repository_id", "app", "environment"])
          .doUpdateSet({ decided_sha: decision.decidedSha }),
      )
      .execute();
  }
}

async function decide(
  connection: Connection,
  decision: Decision,
): Promise<{
  readonly deployments: readonly Deployment[];
  readonly transitions: readonly Transition[];
}> {
  const { numUpdatedRows } = await connection
    .updateTable("deliveries")
    .set({ decided_at: decision.at })
    .where("guid", "=", decision.deliveryGuid)
    .where("decided_at", "is", null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return { deployments: [], transitions: [] };
  for (const intent of decision.intents) {
    await connection
      .insertInto("intents")
      .values({
        id: intent.id,
        delivery_guid: intent.deliveryGuid,
        outcome: JSON.stringify(intent.outcome),
        at: intent.at,
      })
      .execute();
  }
  await moveDecided(connection, decision);
  const deployments: Deployment[] = [];
  const transitions: Transition[] = [];
  for (const planned of decision.deployments) {
    const made = await insertDeployment(connection, planned, "decided");
    deployments.push(made.deployment);
    transitions.push(...made.transitions);
  }
  return { deployments, transitions };
}

/** The inbox on SQL. `announce` is called with the transitions of each commit, after it. */
export function createSqlInbox(
  db: Kysely<Tables>,
  announce: (transitions: readonly Transition[]) => void,
): Inbox {
  return {
    // SQLite takes 32,766 parameters a statement; five of them make a delivery.
    insert: createGroupCommit(
      (deliveries: readonly Delivery[]) =>
        db.transaction().execute((transaction) => insertDeliveries(transaction, deliveries)),
      1_000,
    ),
    async next(repositoryId, limit) {
      const rows = await db
        .selectFrom("deliveries as d")
        .innerJoin("payloads as p", "p.arrival", "d.arrival")
        .select(["d.guid", "d.event", "d.repository_id", "d.received_at", "p.body"])
        .where("d.repository_id", "is", repositoryId)
        .where("d.decided_at", "is", null)
        .orderBy("d.arrival")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        guid: row.guid,
        event: row.event,
        repositoryId: row.repository_id,
        payload: row.body,
        receivedAt: row.received_at,
      }));
    },
    async pending() {
      const rows = await db
        .selectFrom("deliveries")
        .select("repository_id")
        .distinct()
        .where("decided_at", "is", null)
        .execute();
      return rows.map((row) => row.repository_id);
    },
    async decide(decisions) {
      const results = await db.transaction().execute(async (transaction) => {
        const made = [];
        for (const decision of decisions) made.push(await decide(transaction, decision));
        return made;
      });
      announce(results.flatMap(({ transitions }) => transitions));
      return results.flatMap(({ deployments }) => deployments);
    },
    async forgetPayloads(before) {
      const { numDeletedRows } = await db
        .deleteFrom("payloads")
        .where("arrival", "in", (select) =>
          select.selectFrom("deliveries").select("arrival").where("decided_at", "<", before),
        )
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
    async outcomes(deliveryGuid) {
      const rows = await db
        .selectFrom("intents")
        .selectAll()
        .where("delivery_guid", "=", deliveryGuid)
        .orderBy("id")
        .execute();
      return rows.map((row): IntentRecord => ({
        id: row.id,
        deliveryGuid: row.delivery_guid,
        outcome: JSON.parse(row.outcome) as Outcome,
        at: row.at,
      }));
    },
  };
}

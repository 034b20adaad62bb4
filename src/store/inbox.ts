import { sql, type Kysely } from "kysely";
import type { Transition } from "../deployment.ts";
import { decide } from "./decide.ts";
import { createGroupCommit } from "./group-commit.ts";
import type { Delivery, Inbox, IntentRecord, Outcome } from "./ports.ts";
import type { Connection, Tables } from "./schema.ts";

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
    async next(repositoryId, limit, event) {
      let query = db
        .selectFrom("deliveries as d")
        .innerJoin("payloads as p", "p.arrival", "d.arrival")
        .select(["d.guid", "d.event", "d.repository_id", "d.received_at", "p.body"])
        .where("d.repository_id", "is", repositoryId)
        .where("d.decided_at", "is", null)
        .orderBy("d.arrival")
        .limit(limit);
      if (event !== undefined) query = query.where("d.event", "=", event);
      return (await query.execute()).map((row) => ({
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
        .orderBy(sql`rowid`)
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

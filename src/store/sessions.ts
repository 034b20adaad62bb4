import type { Kysely } from "kysely";
import type { Sessions } from "./ports.ts";
import type { Tables } from "./schema.ts";

/** Operator codes and sessions on SQL. */
export function createSqlSessions(db: Kysely<Tables>): Sessions {
  return {
    async addCode(codeHash, expiresAt) {
      await db.insertInto("codes").values({ hash: codeHash, expires_at: expiresAt }).execute();
    },
    async redeemCode(codeHash, now) {
      const redeemed = await db
        .deleteFrom("codes")
        .where("hash", "=", codeHash)
        .returning("expires_at")
        .executeTakeFirst();
      await db.deleteFrom("codes").where("expires_at", "<=", now).execute();
      return redeemed !== undefined && redeemed.expires_at > now;
    },
    async addSession(sessionHash, expiresAt) {
      await db
        .insertInto("operator_sessions")
        .values({ hash: sessionHash, expires_at: expiresAt })
        .execute();
    },
    async hasSession(sessionHash, now) {
      await db.deleteFrom("operator_sessions").where("expires_at", "<=", now).execute();
      const found = await db
        .selectFrom("operator_sessions")
        .select("hash")
        .where("hash", "=", sessionHash)
        .executeTakeFirst();
      return found !== undefined;
    },
  };
}

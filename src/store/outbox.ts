import type { Kysely, Selectable } from "kysely";
import type { DeploymentState } from "../deployment.ts";
import { isFinal } from "../deployment.ts";
import { SkepError } from "../errors.ts";
import type { Outbox, Report } from "./ports.ts";
import type { Tables } from "./schema.ts";

function reportFromRow(row: Selectable<Tables["reports"]>): Report {
  const record = JSON.parse(row.record) as Partial<Report>;
  return {
    deploymentId: row.deployment_id,
    checkRunId: record.checkRunId ?? null,
    githubDeploymentId: record.githubDeploymentId ?? null,
    sent: record.sent ?? {},
    aboutTo: record.aboutTo ?? [],
    sentVersion: row.sent_version,
    seenVersion: record.seenVersion ?? 0,
    attempts: record.attempts ?? 0,
    nextAttemptAt: row.next_attempt_at,
    lastError: record.lastError ?? null,
  };
}

/** The reporter's outbox on SQL. */
export function createSqlOutbox(db: Kysely<Tables>): Outbox {
  const behind = () =>
    db
      .selectFrom("reports as r")
      .innerJoin("deployments as d", "d.id", "r.deployment_id")
      .whereRef("r.sent_version", "<", "d.record_version");

  return {
    take: ({ now, limit, reserveMs }) =>
      db.transaction().execute(async (transaction) => {
        const rows = await transaction
          .selectFrom("reports as r")
          .innerJoin("deployments as d", "d.id", "r.deployment_id")
          .selectAll("r")
          .whereRef("r.sent_version", "<", "d.record_version")
          .where("r.next_attempt_at", "<=", now)
          .where("r.reserved_until", "<=", now)
          .orderBy("r.deployment_id")
          .limit(limit)
          .execute();
        const ids = rows.map((row) => row.deployment_id);
        if (ids.length > 0) {
          await transaction
            .updateTable("reports")
            .set({ reserved_until: now + reserveMs })
            .where("deployment_id", "in", ids)
            .execute();
        }
        return rows.map(reportFromRow);
      }),
    async get(deploymentId) {
      const row = await db
        .selectFrom("reports")
        .selectAll()
        .where("deployment_id", "=", deploymentId)
        .executeTakeFirst();
      if (!row)
        throw new SkepError("internal", `reading the report of ${deploymentId}: there is none`);
      return reportFromRow(row);
    },
    save: (report) =>
      db.transaction().execute(async (transaction) => {
        const deployment = await transaction
          .selectFrom("deployments")
          .select(["state", "record_version"])
          .where("id", "=", report.deploymentId)
          .executeTakeFirstOrThrow();
        // The deployment may have ended while the report was being sent: its end does not wait for the next edit.
        const isEndUnsent =
          isFinal(deployment.state as DeploymentState) &&
          report.seenVersion < deployment.record_version &&
          report.attempts === 0;
        await transaction
          .updateTable("reports")
          .set({
            record: JSON.stringify(report),
            sent_version: report.sentVersion,
            next_attempt_at: isEndUnsent ? 0 : report.nextAttemptAt,
            reserved_until: 0,
          })
          .where("deployment_id", "=", report.deploymentId)
          .execute();
      }),
    async nextDueAt() {
      const row = await behind()
        .select((select) =>
          select.fn
            .min(select.fn<number>("max", ["r.next_attempt_at", "r.reserved_until"]))
            .as("due"),
        )
        .executeTakeFirst();
      return row?.due ?? null;
    },
  };
}

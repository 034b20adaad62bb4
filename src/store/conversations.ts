import { sql, type Kysely, type Selectable } from "kysely";
import type { RepositoryRef } from "../deployment.ts";
import { SkepError } from "../errors.ts";
import type { CommandComment } from "../intent.ts";
import type { Answer, ConversationKey, ConversationReport, Conversations } from "./conversation.ts";
import { seeComment } from "./conversation-rows.ts";
import type { Connection, Tables } from "./schema.ts";

/** How many comments of a conversation are shown: those seen last, and those to which Skep last said something. */
const SHOWN_COMMENTS = 50;

function reportFromRow(row: Selectable<Tables["conversations"]>): ConversationReport {
  const record = JSON.parse(row.record) as Partial<ConversationReport>;
  return {
    repositoryId: row.repository_id,
    number: row.number,
    repository: JSON.parse(row.repository) as RepositoryRef,
    statusCommentId: record.statusCommentId ?? null,
    sent: record.sent ?? {},
    aboutTo: record.aboutTo ?? [],
    sentVersion: row.sent_version,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    lastError: record.lastError ?? null,
  };
}

async function loadRow(
  connection: Connection,
  { repositoryId, number }: ConversationKey,
): Promise<Selectable<Tables["conversations"]>> {
  const row = await connection
    .selectFrom("conversations")
    .selectAll()
    .where("repository_id", "=", repositoryId)
    .where("number", "=", number)
    .executeTakeFirst();
  if (row) return row;
  throw new SkepError(
    "internal",
    `reading the conversation on pull request ${number} of repository ${repositoryId}: there is none`,
  );
}

async function loadShown(
  connection: Connection,
  key: ConversationKey,
): Promise<{ readonly comments: readonly CommandComment[]; readonly answers: readonly Answer[] }> {
  const ids = await shownIds(connection, key);
  const { repositoryId, number } = key;
  const rows = await connection
    .selectFrom("comments")
    .select("record")
    .where("repository_id", "=", repositoryId)
    .where("number", "=", number)
    .where("comment_id", "in", ids)
    .execute();
  const answers = await connection
    .selectFrom("answers")
    .select("record")
    .where("repository_id", "=", repositoryId)
    .where("number", "=", number)
    .where("comment_id", "in", ids)
    .orderBy("sequence")
    .execute();
  const comments = rows.map(({ record }) => JSON.parse(record) as CommandComment);
  return {
    comments: comments.sort(
      (left, right) => left.createdAt - right.createdAt || left.commentId - right.commentId,
    ),
    answers: answers.map(({ record }) => JSON.parse(record) as Answer),
  };
}

async function shownIds(
  connection: Connection,
  { repositoryId, number }: ConversationKey,
): Promise<readonly number[]> {
  const seen = await connection
    .selectFrom("comments")
    .select("comment_id")
    .where("repository_id", "=", repositoryId)
    .where("number", "=", number)
    .orderBy("sequence", "desc")
    .limit(SHOWN_COMMENTS)
    .execute();
  // Strangers, however many comments they write, displace nobody.
  const told = await connection
    .selectFrom("answers")
    .select("comment_id")
    .where("repository_id", "=", repositoryId)
    .where("number", "=", number)
    .where(sql<string>`json_extract(record, '$.result.kind')`, "!=", "unanswered")
    .orderBy("sequence", "desc")
    .limit(SHOWN_COMMENTS)
    .execute();
  return [...new Set([...seen, ...told].map((row) => row.comment_id))];
}

async function take(
  connection: Connection,
  { now, limit, reserveMs }: Parameters<Conversations["take"]>[0],
): Promise<readonly ConversationKey[]> {
  const rows = await connection
    .selectFrom("conversations")
    .select(["repository_id", "number"])
    .whereRef("sent_version", "<", "version")
    .where("next_attempt_at", "<=", now)
    .where("reserved_until", "<=", now)
    .orderBy("next_attempt_at")
    .orderBy("repository_id")
    .orderBy("number")
    .limit(limit)
    .execute();
  for (const row of rows) {
    await connection
      .updateTable("conversations")
      .set((column) => ({ reserved_until: now + reserveMs, taken_version: column.ref("version") }))
      .where("repository_id", "=", row.repository_id)
      .where("number", "=", row.number)
      .execute();
  }
  return rows.map((row) => ({ repositoryId: row.repository_id, number: row.number }));
}

async function save(connection: Connection, report: ConversationReport): Promise<void> {
  const row = await loadRow(connection, report);
  const known = Math.max(row.taken_version, report.sentVersion);
  // Somebody may have written, or a deployment ended, while it was being told: that does not wait for the next edit.
  const isUrgentUnsent = row.urgent_version > known && report.attempts === 0;
  const { statusCommentId, sent, aboutTo, lastError } = report;
  await connection
    .updateTable("conversations")
    .set({
      record: JSON.stringify({ statusCommentId, sent, aboutTo, lastError }),
      sent_version: report.sentVersion,
      attempts: report.attempts,
      next_attempt_at: isUrgentUnsent ? 0 : report.nextAttemptAt,
      reserved_until: 0,
    })
    .where("repository_id", "=", report.repositoryId)
    .where("number", "=", report.number)
    .execute();
}

/** The conversations on SQL. */
export function createSqlConversations(db: Kysely<Tables>): Conversations {
  const inTransaction = <T>(work: (connection: Connection) => Promise<T>): Promise<T> =>
    db.transaction().execute(work);

  return {
    see: (comment) => inTransaction((connection) => seeComment(connection, comment)),
    take: (request) => inTransaction((connection) => take(connection, request)),
    get: (key) =>
      inTransaction(async (connection) => {
        const row = await loadRow(connection, key);
        const shown = await loadShown(connection, key);
        return { report: reportFromRow(row), version: row.version, ...shown };
      }),
    save: (report) => inTransaction((connection) => save(connection, report)),
    async nextDueAt() {
      const row = await db
        .selectFrom("conversations")
        .whereRef("sent_version", "<", "version")
        .select((select) =>
          select.fn.min(select.fn<number>("max", ["next_attempt_at", "reserved_until"])).as("due"),
        )
        .executeTakeFirst();
      return row?.due ?? null;
    },
  };
}

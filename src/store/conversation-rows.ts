import type { CommandComment } from "../intent.ts";
import type { Answer, ConversationKey } from "./conversation.ts";
import type { Connection } from "./schema.ts";

/**
 * Counts that a conversation has something new to show. What is urgent is due at once, unless GitHub is failing just
 * now; the rest when the next edit is. Does nothing where no comment was seen.
 */
export async function touchConversation(
  connection: Connection,
  { repositoryId, number }: ConversationKey,
  isUrgent: boolean,
): Promise<void> {
  const touch = connection
    .updateTable("conversations")
    .set((column) => ({ version: column("version", "+", 1) }))
    .where("repository_id", "=", repositoryId)
    .where("number", "=", number);
  if (!isUrgent) return void (await touch.execute());
  await touch
    .set((column) => ({
      urgent_version: column("version", "+", 1),
      next_attempt_at: column
        .case()
        .when("attempts", ">", 0)
        .then(column.ref("next_attempt_at"))
        .else(0)
        .end(),
    }))
    .execute();
}

/** Notes a comment, and its conversation with the first; does nothing the second time. */
export async function seeComment(connection: Connection, comment: CommandComment): Promise<void> {
  const key = { repositoryId: comment.repository.id, number: comment.number };
  const columns = { repository_id: key.repositoryId, number: key.number };
  const { numInsertedOrUpdatedRows } = await connection
    .insertInto("comments")
    .values({ ...columns, comment_id: comment.commentId, record: JSON.stringify(comment) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n) return;
  const repository = JSON.stringify(comment.repository);
  await connection
    .insertInto("conversations")
    .values({
      ...columns,
      repository,
      version: 0,
      urgent_version: 0,
      taken_version: 0,
      sent_version: 0,
      attempts: 0,
      next_attempt_at: 0,
      reserved_until: 0,
      record: "{}",
    })
    .onConflict((conflict) =>
      conflict.columns(["repository_id", "number"]).doUpdateSet({ repository }),
    )
    .execute();
  await touchConversation(connection, key, true);
}

/** Keeps the answer to a line of a comment, and notes the comment. */
export async function insertAnswer(connection: Connection, answer: Answer): Promise<void> {
  const { comment } = answer;
  const key = { repositoryId: comment.repository.id, number: comment.number };
  await seeComment(connection, comment);
  await connection
    .insertInto("answers")
    .values({
      repository_id: key.repositoryId,
      number: key.number,
      comment_id: comment.commentId,
      record: JSON.stringify(answer),
    })
    .execute();
  await touchConversation(connection, key, true);
}

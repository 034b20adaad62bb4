import type { PullRequestSighting } from "../intent.ts";
import type { ConversationKey } from "./conversation.ts";
import type { Connection } from "./schema.ts";

/** How many sightings of a pull request are kept, besides its first. */
const KEPT = 50;

/** Keeps what was seen of a pull request, once; the oldest go, the first excepted. */
export async function insertSighting(
  connection: Connection,
  sighting: PullRequestSighting,
): Promise<void> {
  await connection
    .insertInto("sightings")
    .values({
      repository_id: sighting.repositoryId,
      number: sighting.number,
      head_sha: sighting.headSha,
      is_fork: Number(sighting.isFork),
      is_open: Number(sighting.isOpen),
      at: sighting.at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const all = await newestFirst(connection, sighting).select("sequence").execute();
  const spare = all.slice(KEPT, -1).map(({ sequence }) => sequence);
  if (spare.length === 0) return;
  await connection.deleteFrom("sightings").where("sequence", "in", spare).execute();
}

/** See `Catalog.pullRequest`. */
export async function pullRequestBefore(
  connection: Connection,
  key: ConversationKey,
  before: number,
): Promise<PullRequestSighting | null> {
  const rows = await newestFirst(connection, key).selectAll().execute();
  const first = rows.at(-1);
  const found = rows.find(({ at }) => at < before) ?? (first?.at === before ? first : null);
  if (!found) return null;
  return {
    repositoryId: found.repository_id,
    number: found.number,
    headSha: found.head_sha,
    isFork: found.is_fork === 1,
    isOpen: found.is_open === 1,
    at: found.at,
  };
}

function newestFirst(connection: Connection, { repositoryId, number }: ConversationKey) {
  return connection
    .selectFrom("sightings")
    .where("repository_id", "=", repositoryId)
    .where("number", "=", number)
    .orderBy("at", "desc")
    .orderBy("sequence", "desc");
}

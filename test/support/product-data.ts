import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { Deployment } from "../../src/deployment.ts";
import type { Outcome } from "../../src/store/ports.ts";

const redisRecord = z.object({ pid: z.number() });

/** Process ID of the private Redis of a data folder; null when there is none. */
export async function redisPidOf(dataDir: string): Promise<number | null> {
  const text = await readFile(join(dataDir, "redis/redis.pid"), "utf8").catch(() => null);
  return text === null ? null : redisRecord.parse(JSON.parse(text)).pid;
}

/** Ends the private Redis that a killed Skep left. */
export async function killRedisOf(dataDir: string): Promise<void> {
  const pid = await redisPidOf(dataDir);
  if (pid === null) return;
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (command.startsWith("redis-server")) process.kill(pid, "SIGKILL");
}

/** Rows of a running Skep's store, read beside it. */
function readRows(dataDir: string, sql: string, ...values: readonly string[]): unknown[] {
  const database = new DatabaseSync(join(dataDir, "store.db"), { readOnly: true });
  try {
    return database.prepare(sql).all(...values);
  } finally {
    database.close();
  }
}

const recordRow = z.object({ record: z.string() });
const outcomeRow = z.object({ outcome: z.string() });

/** All deployments of a store, oldest first. */
export function readDeployments(dataDir: string): readonly Deployment[] {
  const rows = readRows(dataDir, "SELECT record FROM deployments ORDER BY id");
  return rows.map((row): Deployment => JSON.parse(recordRow.parse(row).record));
}

const timeRow = z.object({ at: z.number() });

/** When a deployment entered a state, in milliseconds since the epoch. */
export function readEntered(dataDir: string, deploymentId: string, state: string): number {
  const sql = "SELECT min(at) AS at FROM transitions WHERE deployment_id = ? AND to_state = ?";
  return timeRow.parse(readRows(dataDir, sql, deploymentId, state)[0]).at;
}

/** Whether GitHub shows all that the store says, and Skep knows it. */
export function isReported(dataDir: string): boolean {
  const behind = "r.sent_version < d.record_version OR r.reserved_until > 0";
  const sql = `SELECT r.record FROM reports r JOIN deployments d ON d.id = r.deployment_id WHERE ${behind}`;
  return readRows(dataDir, sql).length === 0;
}

/** The outcomes of one delivery; empty while it is undecided. */
export function readOutcomes(dataDir: string, deliveryGuid: string): readonly Outcome[] {
  const sql = "SELECT outcome FROM intents WHERE delivery_guid = ? ORDER BY id";
  const rows = readRows(dataDir, sql, deliveryGuid);
  return rows.map((row): Outcome => JSON.parse(outcomeRow.parse(row).outcome));
}

/** How many deliveries have not been decided yet. */
export function countUndecided(dataDir: string): number {
  return readRows(dataDir, "SELECT guid FROM deliveries WHERE decided_at IS NULL").length;
}

/** Whether the inbox holds a delivery. */
export function hasDelivery(dataDir: string, guid: string): boolean {
  return readRows(dataDir, "SELECT guid FROM deliveries WHERE guid = ?", guid).length > 0;
}

/** How many images Skep built. */
export function countBuilds(dataDir: string): number {
  return readRows(dataDir, "SELECT key FROM builds").length;
}

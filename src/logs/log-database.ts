import { existsSync, renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { decodeBlock, encodeBlock } from "./log-block.ts";
import type { LogLine } from "./ports.ts";

/** Where the log of one deployment stands. */
export interface LogHead {
  readonly lastSeq: number;
  /** Bytes of text taken so far. */
  readonly bytes: number;
  /** The newest block's lines, when there is room for more in it. */
  readonly openBlock: readonly LogLine[];
}

/** New blocks of one deployment's log. The first may replace the open one. */
export interface LogWrite {
  readonly deploymentId: string;
  readonly blocks: readonly (readonly LogLine[])[];
  readonly bytes: number;
  readonly at: number;
}

/** The file in which logs are kept. Everything throws what SQLite throws. */
export interface LogDatabase {
  head(deploymentId: string): LogHead;
  lastSeq(deploymentId: string): number;
  /** All writes in one transaction. */
  write(writes: readonly LogWrite[]): void;
  read(
    deploymentId: string,
    range: { readonly afterSeq: number; readonly limit: number },
  ): readonly LogLine[];
  /** Deletes logs whose newest line is older than `before`; returns how many. */
  prune(before: number): number;
  close(): void;
}

/** Lines of one compressed block: enough to compress well, few enough to rewrite while they come in. */
export const BLOCK_LINES = 256;

const SCHEMA = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  -- Small checkpoints: one of four megabytes kept the disk, and so the webhooks, waiting for 50 ms and more.
  PRAGMA wal_autocheckpoint = 200;
  PRAGMA foreign_keys = ON;
  CREATE TABLE IF NOT EXISTS log (
    id INTEGER PRIMARY KEY,
    deployment TEXT NOT NULL UNIQUE,
    last_seq INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    last_at INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS block (
    log INTEGER NOT NULL REFERENCES log (id) ON DELETE CASCADE,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    lines BLOB NOT NULL,
    PRIMARY KEY (log, first_seq)
  );
`;

/** SQLite's codes for a file that is damaged or no database at all. */
const DAMAGED = [11, 26];

/**
 * Opens the file, or makes it. A damaged one is set aside (its new name is told) and begun anew: a broken log shall
 * not stop deployments. Throws when the file cannot be made or written.
 */
export function openLogDatabase(file: string): {
  readonly database: LogDatabase;
  readonly setAside: string | null;
} {
  try {
    return { database: open(file), setAside: null };
  } catch (error) {
    const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
    if (!DAMAGED.includes(code)) throw error;
    const setAside = `${file}.damaged`;
    if (existsSync(file)) renameSync(file, setAside);
    for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
    return { database: open(file), setAside };
  }
}

function open(file: string): LogDatabase {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  try {
    database.exec(SCHEMA);
  } catch (error) {
    database.close();
    throw error;
  }
  return prepare(database);
}

function prepare(database: DatabaseSync): LogDatabase {
  const headOf = database.prepare("SELECT id, last_seq, bytes FROM log WHERE deployment = ?");
  const newestBlock = database.prepare(
    "SELECT first_seq, lines FROM block WHERE log = ? ORDER BY first_seq DESC LIMIT 1",
  );
  const blocksAfter = database.prepare(
    `SELECT first_seq, lines FROM block JOIN log ON log.id = block.log
     WHERE deployment = ? AND block.last_seq > ? ORDER BY first_seq`,
  );
  const saveHead = database.prepare(
    `INSERT INTO log (deployment, last_seq, bytes, last_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (deployment) DO UPDATE
     SET last_seq = excluded.last_seq, bytes = excluded.bytes, last_at = excluded.last_at
     RETURNING id`,
  );
  const saveBlock = database.prepare(
    "INSERT OR REPLACE INTO block (log, first_seq, last_seq, lines) VALUES (?, ?, ?, ?)",
  );
  const deleteOld = database.prepare("DELETE FROM log WHERE last_at < ?");

  function write(write: LogWrite): void {
    const lastSeq = write.blocks.at(-1)?.at(-1)?.seq;
    if (lastSeq === undefined) return;
    const log = Number(saveHead.get(write.deploymentId, lastSeq, write.bytes, write.at)?.["id"]);
    for (const lines of write.blocks) {
      const first = lines[0]?.seq;
      const last = lines.at(-1)?.seq;
      if (first !== undefined && last !== undefined)
        saveBlock.run(log, first, last, encodeBlock(lines));
    }
  }

  return {
    head(deploymentId) {
      const row = headOf.get(deploymentId);
      if (!row) return { lastSeq: 0, bytes: 0, openBlock: [] };
      const newest = newestBlock.get(Number(row["id"]));
      const lines = newest ? linesOf(newest) : [];
      return {
        lastSeq: Number(row["last_seq"]),
        bytes: Number(row["bytes"]),
        openBlock: lines.length < BLOCK_LINES ? lines : [],
      };
    },
    lastSeq: (deploymentId) => Number(headOf.get(deploymentId)?.["last_seq"] ?? 0),
    write(writes) {
      database.exec("BEGIN IMMEDIATE");
      try {
        for (const each of writes) write(each);
        database.exec("COMMIT");
      } catch (error) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
    read(deploymentId, { afterSeq, limit }) {
      const lines: LogLine[] = [];
      for (const row of blocksAfter.iterate(deploymentId, afterSeq)) {
        for (const line of linesOf(row)) if (line.seq > afterSeq) lines.push(line);
        if (lines.length >= limit) break;
      }
      return lines.slice(0, limit);
    },
    prune(before) {
      const { changes } = deleteOld.run(before);
      if (changes > 0) database.exec("PRAGMA incremental_vacuum");
      return Number(changes);
    },
    close: () => database.close(),
  };
}

function linesOf(row: Record<string, unknown>): readonly LogLine[] {
  const block = row["lines"];
  return block instanceof Uint8Array ? decodeBlock(block, Number(row["first_seq"])) : [];
}

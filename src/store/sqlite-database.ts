import { DatabaseSync } from "node:sqlite";
import { Kysely, SqliteDialect, type SqliteDatabase, type SqliteStatement } from "kysely";
import { z } from "zod";
import { SkepError } from "../errors.ts";
import { migrate, type Tables } from "./schema.ts";

type Parameter = null | number | bigint | string | Uint8Array;

function isParameter(value: unknown): value is Parameter {
  return (
    value === null ||
    ["number", "bigint", "string"].includes(typeof value) ||
    value instanceof Uint8Array
  );
}

function checked(parameters: readonly unknown[]): Parameter[] {
  return parameters.map((value) => {
    if (isParameter(value)) return value;
    throw new SkepError("internal", `writing to the store: a ${typeof value} is no SQL value`);
  });
}

const sqliteError = z.object({ message: z.string(), errcode: z.number() });

/** SQLite's primary codes for trouble that is not ours: busy, locked, no memory, read-only, I/O, corrupt, full, no file. */
const TROUBLES: readonly number[] = [5, 6, 7, 8, 10, 11, 13, 14];

/** Does one thing with the database; trouble with the disk becomes a retryable error that says so. */
function withDisk<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { data } = sqliteError.safeParse(error);
    if (!data || !TROUBLES.includes(data.errcode & 0xff)) throw error;
    throw new SkepError("internal", `using the store: ${data.message}`, {
      retryable: true,
      cause: error,
      nextStep: "Look whether the disk of the data folder is full or broken; Skep tries again.",
    });
  }
}

/** Kysely's transactions become savepoints, so that many of them fit into one that `together` has begun. */
const TRANSACTION_WORDS: Readonly<Record<string, readonly string[]>> = {
  begin: ["SAVEPOINT work"],
  commit: ["RELEASE work"],
  rollback: ["ROLLBACK TO work", "RELEASE work"],
};

function asStatement(database: DatabaseSync, words: readonly string[]): SqliteStatement {
  const statements = words.map((sql) => database.prepare(sql));
  const run = (): { changes: number; lastInsertRowid: number } => {
    for (const statement of statements) withDisk(() => statement.run());
    return { changes: 0, lastInsertRowid: 0 };
  };
  return { reader: false, all: () => [], run, iterate: () => [].values() };
}

/** Kysely speaks better-sqlite3's dialect of prepare/all/run; `node:sqlite` needs these few lines between. */
function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = prepared.get(sql);
      if (known) return known;
      const words = TRANSACTION_WORDS[sql];
      if (words) {
        const transaction = asStatement(database, words);
        prepared.set(sql, transaction);
        return transaction;
      }
      const statement = database.prepare(sql);
      const wrapped: SqliteStatement = {
        reader: statement.columns().length > 0,
        all: (parameters) => withDisk(() => statement.all(...checked(parameters))),
        run: (parameters) => withDisk(() => statement.run(...checked(parameters))),
        iterate: (parameters) => statement.iterate(...checked(parameters)),
      };
      prepared.set(sql, wrapped);
      return wrapped;
    },
  };
}

/** The open file. */
export interface OpenDatabase {
  readonly db: Kysely<Tables>;
  /**
   * Makes all writes of `work` share one commit, on disk when this resolves; rejects when it failed for all of them.
   * One transaction of `work` may fail and be rolled back without the others. One call at a time.
   */
  together<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Opens (or makes) the SQLite file. Commits are on disk when they return: WAL with `synchronous=FULL`, because a
 * delivery that was answered 202 must survive a power cut. It checkpoints by itself once the log has `checkpointPages`.
 */
export function openSqliteDatabase(file: string, checkpointPages = 1_000): OpenDatabase {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
  database.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages};`);
  migrate(database);
  return {
    db: new Kysely<Tables>({
      dialect: new SqliteDialect({ database: asKyselyDatabase(database) }),
    }),
    async together(work) {
      database.exec("BEGIN");
      try {
        const result = await work();
        withDisk(() => database.exec("COMMIT"));
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
  };
}

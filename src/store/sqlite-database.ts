import { DatabaseSync } from "node:sqlite";
import { Kysely, SqliteDialect, type SqliteDatabase, type SqliteStatement } from "kysely";
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

/** Kysely speaks better-sqlite3's dialect of prepare/all/run; `node:sqlite` needs these few lines between. */
function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = prepared.get(sql);
      if (known) return known;
      const statement = database.prepare(sql);
      const wrapped: SqliteStatement = {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...checked(parameters)),
        run: (parameters) => statement.run(...checked(parameters)),
        iterate: (parameters) => statement.iterate(...checked(parameters)),
      };
      prepared.set(sql, wrapped);
      return wrapped;
    },
  };
}

/**
 * Opens (or makes) the SQLite file. Commits are on disk when they return: WAL with `synchronous=FULL`, because a
 * delivery that was answered 202 must survive a power cut.
 */
export function openSqliteDatabase(file: string): Kysely<Tables> {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
  migrate(database);
  return new Kysely<Tables>({
    dialect: new SqliteDialect({ database: asKyselyDatabase(database) }),
  });
}

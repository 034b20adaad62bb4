import type { DatabaseSync } from "node:sqlite";
import type { Generated, Kysely, Transaction } from "kysely";
import { SkepError } from "../errors.ts";

/** The tables, as Kysely sees them. JSON columns are text; times are milliseconds since the epoch. */
export interface Tables {
  deliveries: {
    arrival: Generated<number>;
    guid: string;
    event: string;
    repository_id: number | null;
    received_at: number;
    decided_at: number | null;
  };
  /** Apart from their deliveries, whose rows SQLite rewrites whole when they are decided. */
  payloads: { arrival: number; body: string };
  intents: {
    id: string;
    delivery_guid: string;
    outcome: string;
    at: number;
  };
  environments: {
    repository_id: number;
    app: string;
    environment: string;
    decided_sha: string | null;
    decided_version: Generated<string | null>;
    /** A list: the hold, after those that are back once its rollback is found to have touched nothing. */
    holds: Generated<string>;
    desired_release_id: string | null;
    active_deployment_id: string | null;
  };
  stacks: { name: string; repository_id: number; app: string; environment: string };
  builds: { key: string; record: string };
  releases: { id: string; record: string };
  deployments: {
    id: string;
    lane: string;
    number: number;
    state: string;
    record_version: number;
    lease_owner: string | null;
    lease_token: number;
    lease_expires_at: number;
    record: string;
  };
  journal: { deployment_id: string; step: string; state: string; data: string; at: number };
  transitions: {
    sequence: Generated<number>;
    deployment_id: string;
    from_state: string | null;
    to_state: string;
    phase: string | null;
    reason: string;
    at: number;
  };
  reports: {
    deployment_id: string;
    record: string;
    sent_version: number;
    next_attempt_at: number;
    reserved_until: number;
  };
  sightings: {
    sequence: Generated<number>;
    repository_id: number;
    number: number;
    head_sha: string;
    is_fork: number;
    is_open: number;
    at: number;
  };
  conversations: {
    repository_id: number;
    number: number;
    repository: string;
    version: number;
    /** The version that last brought what nobody should wait for. */
    urgent_version: number;
    /** The version that was there when it was last taken. */
    taken_version: number;
    sent_version: number;
    attempts: number;
    next_attempt_at: number;
    reserved_until: number;
    record: string;
  };
  comments: {
    sequence: Generated<number>;
    repository_id: number;
    number: number;
    comment_id: number;
    record: string;
  };
  answers: {
    sequence: Generated<number>;
    repository_id: number;
    number: number;
    comment_id: number;
    record: string;
  };
  codes: { hash: string; expires_at: number };
  operator_sessions: { hash: string; expires_at: number };
}

/** Either the database or a transaction on it. */
export type Connection = Kysely<Tables> | Transaction<Tables>;

/** Each entry brings the schema one version further; entries are never changed once released. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE deliveries (
    arrival INTEGER PRIMARY KEY, guid TEXT NOT NULL UNIQUE, event TEXT NOT NULL, repository_id INTEGER,
    received_at INTEGER NOT NULL, decided_at INTEGER
  ) STRICT;
  CREATE TABLE payloads (
    arrival INTEGER PRIMARY KEY REFERENCES deliveries (arrival), body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX deliveries_undecided ON deliveries (repository_id, arrival) WHERE decided_at IS NULL;
  CREATE TABLE intents (
    id TEXT PRIMARY KEY, delivery_guid TEXT NOT NULL REFERENCES deliveries (guid), outcome TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX intents_of_delivery ON intents (delivery_guid);
  CREATE TABLE environments (
    repository_id INTEGER NOT NULL, app TEXT NOT NULL, environment TEXT NOT NULL, decided_sha TEXT,
    desired_release_id TEXT, active_deployment_id TEXT, PRIMARY KEY (repository_id, app, environment)
  ) STRICT;
  CREATE TABLE stacks (
    name TEXT PRIMARY KEY, repository_id INTEGER NOT NULL, app TEXT NOT NULL, environment TEXT NOT NULL
  ) STRICT;
  CREATE TABLE builds (key TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
  CREATE TABLE releases (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
  CREATE TABLE deployments (
    id TEXT PRIMARY KEY, lane TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL,
    record_version INTEGER NOT NULL, lease_owner TEXT, lease_token INTEGER NOT NULL,
    lease_expires_at INTEGER NOT NULL, record TEXT NOT NULL, UNIQUE (lane, number)
  ) STRICT;
  CREATE INDEX deployments_active ON deployments (lane) WHERE state IN ('queued', 'running', 'rolling_back');
  CREATE TABLE journal (
    deployment_id TEXT NOT NULL REFERENCES deployments (id), step TEXT NOT NULL, state TEXT NOT NULL,
    data TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (deployment_id, step)
  ) STRICT;
  CREATE TABLE transitions (
    sequence INTEGER PRIMARY KEY, deployment_id TEXT NOT NULL REFERENCES deployments (id), from_state TEXT,
    to_state TEXT NOT NULL, phase TEXT, reason TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX transitions_of_deployment ON transitions (deployment_id, sequence);
  CREATE TABLE reports (
    deployment_id TEXT PRIMARY KEY REFERENCES deployments (id), record TEXT NOT NULL,
    sent_version INTEGER NOT NULL, next_attempt_at INTEGER NOT NULL, reserved_until INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE codes (hash TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT;
  CREATE TABLE operator_sessions (hash TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT;
  `,
  `
  ALTER TABLE environments ADD COLUMN decided_version TEXT;
  ALTER TABLE environments ADD COLUMN holds TEXT NOT NULL DEFAULT '[]';
  CREATE TABLE sightings (
    sequence INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL, number INTEGER NOT NULL, head_sha TEXT NOT NULL,
    is_fork INTEGER NOT NULL, is_open INTEGER NOT NULL, at INTEGER NOT NULL,
    UNIQUE (repository_id, number, at, head_sha, is_fork, is_open)
  ) STRICT;
  CREATE TABLE conversations (
    repository_id INTEGER NOT NULL, number INTEGER NOT NULL, repository TEXT NOT NULL, version INTEGER NOT NULL,
    urgent_version INTEGER NOT NULL, taken_version INTEGER NOT NULL, sent_version INTEGER NOT NULL,
    attempts INTEGER NOT NULL, next_attempt_at INTEGER NOT NULL, reserved_until INTEGER NOT NULL,
    record TEXT NOT NULL, PRIMARY KEY (repository_id, number)
  ) STRICT;
  CREATE INDEX conversations_behind ON conversations (next_attempt_at) WHERE sent_version < version;
  CREATE TABLE comments (
    sequence INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL, number INTEGER NOT NULL,
    comment_id INTEGER NOT NULL, record TEXT NOT NULL, UNIQUE (repository_id, number, comment_id)
  ) STRICT;
  CREATE TABLE answers (
    sequence INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL, number INTEGER NOT NULL,
    comment_id INTEGER NOT NULL, record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX answers_of_comment ON answers (repository_id, number, comment_id);
  `,
];

/** Brings the database to the newest schema (or to version `to`); refuses one that a newer Skep has written. */
export function migrate(database: DatabaseSync, to: number = MIGRATIONS.length): void {
  const row = database.prepare("PRAGMA user_version").get();
  const found = Number(row?.["user_version"] ?? 0);
  if (found > MIGRATIONS.length) {
    throw new SkepError(
      "settings_invalid",
      `opening the store: its schema is version ${found}, this Skep knows up to ${MIGRATIONS.length}`,
      { nextStep: "Run the newer Skep again, or restore a backup of the data folder." },
    );
  }
  for (let version = found; version < to; version++) {
    database.exec(
      `BEGIN; ${MIGRATIONS[version] ?? ""}; PRAGMA user_version = ${version + 1}; COMMIT;`,
    );
  }
}

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Transition } from "../deployment.ts";
import { createSqlCatalog } from "./catalog.ts";
import { createSqlDeployments } from "./deployments.ts";
import { createSqlInbox } from "./inbox.ts";
import { createSqlOutbox } from "./outbox.ts";
import type { Store } from "./ports.ts";
import { acquireProcessLock } from "./process-lock.ts";
import { createSqlSessions } from "./sessions.ts";
import { openSqliteDatabase } from "./sqlite-database.ts";

/**
 * The store in one SQLite file, `store.db` in `dir`. Only one process may have it open; a second one gets
 * `settings_invalid`.
 */
export function openSqliteStore(dir: string): Store {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = acquireProcessLock(join(dir, "store.lock"));
  const db = openSqliteDatabase(join(dir, "store.db"));
  const listeners = new Set<(transition: Transition) => void>();

  function announce(transitions: readonly Transition[]): void {
    for (const transition of transitions) for (const listener of listeners) listener(transition);
  }

  return {
    inbox: createSqlInbox(db, announce),
    deployments: createSqlDeployments(db, announce),
    catalog: createSqlCatalog(db),
    outbox: createSqlOutbox(db),
    sessions: createSqlSessions(db),
    onTransition(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      await db.destroy();
      lock.release();
    },
  };
}

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Transition } from "../deployment.ts";
import { createSqlCatalog } from "./catalog.ts";
import { createSqlConversations } from "./conversations.ts";
import { createSqlDeployments } from "./deployments.ts";
import { createSqlInbox } from "./inbox.ts";
import { createSqlOutbox } from "./outbox.ts";
import type { Store } from "./ports.ts";
import { acquireProcessLock } from "./process-lock.ts";
import { createSqlSessions } from "./sessions.ts";
import { openSqliteDatabase } from "./sqlite-database.ts";

/** A store that lets calls share a commit. */
export interface SqliteStore extends Store {
  /**
   * What the calls made in `work` promise holds when this resolves, with one commit for all; transitions are told
   * after it. One at a time, and no call beside it.
   */
  together<T>(work: () => Promise<T>): Promise<T>;
}

/** The store's file in a data folder. */
export function storeFile(dir: string): string {
  return join(dir, "store.db");
}

/**
 * The store in one SQLite file, `store.db` in `dir`. Only one process may have it open; a second one gets
 * `settings_invalid`. With `checkpointPages`, somebody else does the checkpoints as long as the log is shorter than that.
 */
export function openSqliteStore(dir: string, checkpointPages?: number): SqliteStore {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = acquireProcessLock(join(dir, "store.lock"));
  const database = openSqliteDatabase(storeFile(dir), checkpointPages);
  const { db } = database;
  const listeners = new Set<(transition: Transition) => void>();
  let held: Transition[] | null = null;

  function announce(transitions: readonly Transition[]): void {
    if (held !== null) return void held.push(...transitions);
    for (const transition of transitions) for (const listener of listeners) listener(transition);
  }

  return {
    inbox: createSqlInbox(db, announce),
    deployments: createSqlDeployments(db, announce),
    catalog: createSqlCatalog(db),
    outbox: createSqlOutbox(db),
    conversations: createSqlConversations(db),
    sessions: createSqlSessions(db),
    onTransition(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async together(work) {
      const made: Transition[] = [];
      held = made;
      const result = await database.together(work).finally(() => (held = null));
      announce(made);
      return result;
    },
    async close() {
      await db.destroy();
      lock.release();
    },
  };
}

import type { Deployment, Transition } from "../../src/deployment.ts";
import type { LogEntry, LogLine } from "../../src/logs/ports.ts";
import type { WebLogs, WebStore } from "../../src/web/web-ports.ts";

/** A store in memory that holds just what the pages read. */
export interface FakeWebStore extends WebStore {
  /** Saves a record and tells the listeners. */
  put(deployment: Deployment): void;
  readonly codes: Map<string, number>;
  readonly keys: Map<string, number>;
  readonly listeners: Set<(transition: Transition) => void>;
}

/** An empty store in memory. */
export function createFakeWebStore(): FakeWebStore {
  const records = new Map<string, Deployment>();
  const codes = new Map<string, number>();
  const keys = new Map<string, number>();
  const listeners = new Set<(transition: Transition) => void>();
  return {
    codes,
    keys,
    listeners,
    put(deployment) {
      const from = records.get(deployment.id)?.state ?? null;
      records.set(deployment.id, deployment);
      const { id, state, phase, createdAt } = deployment;
      for (const listener of listeners)
        listener({ deploymentId: id, from, to: state, phase, reason: "test", at: createdAt });
    },
    deployments: {
      get: (id) => Promise.resolve(records.get(id) ?? null),
      list: ({ limit }) => Promise.resolve([...records.values()].toReversed().slice(0, limit)),
    },
    sessions: {
      addCode: (hash, expiresAt) => Promise.resolve(void codes.set(hash, expiresAt)),
      redeemCode(hash, now) {
        const expiresAt = codes.get(hash);
        codes.delete(hash);
        return Promise.resolve(expiresAt !== undefined && expiresAt > now);
      },
      addSession: (hash, expiresAt) => Promise.resolve(void keys.set(hash, expiresAt)),
      hasSession: (hash, now) => Promise.resolve((keys.get(hash) ?? 0) > now),
    },
    onTransition(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Logs in memory. */
export interface FakeWebLogs extends WebLogs {
  append(deploymentId: string, entries: readonly LogEntry[]): void;
  readonly listeners: Set<() => void>;
}

/** Empty logs in memory. */
export function createFakeWebLogs(): FakeWebLogs {
  const logs = new Map<string, LogLine[]>();
  const listeners = new Set<() => void>();
  return {
    listeners,
    append(deploymentId, entries) {
      const lines = logs.get(deploymentId) ?? [];
      for (const entry of entries) lines.push({ ...entry, seq: lines.length + 1 });
      logs.set(deploymentId, lines);
      for (const listener of listeners) listener();
    },
    read(deploymentId, { afterSeq, limit }) {
      return Promise.resolve((logs.get(deploymentId) ?? []).slice(afterSeq, afterSeq + limit));
    },
    lastSeq: (deploymentId) => Promise.resolve(logs.get(deploymentId)?.length ?? 0),
    onAppend(_, listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

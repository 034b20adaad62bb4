import { Worker } from "node:worker_threads";
import type { Transition } from "../deployment.ts";
import { SkepError } from "../errors.ts";
import type { Conversations } from "./conversation.ts";
import type { Catalog, Deployments, Inbox, Outbox, Sessions, Store } from "./ports.ts";
import { fromPlainError, type StoreCall, type StoreNews } from "./thread-protocol.ts";

type Ask = (call: Omit<StoreCall, "id">) => Promise<unknown>;
type MethodsOf<T> = Readonly<Record<keyof T, true>>;

const INBOX: MethodsOf<Inbox> = {
  insert: true,
  next: true,
  pending: true,
  decide: true,
  forgetPayloads: true,
  outcomes: true,
};
const DEPLOYMENTS: MethodsOf<Deployments> = {
  get: true,
  list: true,
  lanesWithWork: true,
  claim: true,
  renew: true,
  expireLeasesOfOthers: true,
  update: true,
  finish: true,
  handBack: true,
  journal: true,
  record: true,
  transitions: true,
};
const CATALOG: MethodsOf<Catalog> = {
  environment: true,
  environmentsOf: true,
  claimStack: true,
  pullRequest: true,
  build: true,
  saveBuild: true,
  release: true,
  saveRelease: true,
};
const OUTBOX: MethodsOf<Outbox> = { take: true, get: true, save: true, nextDueAt: true };
const CONVERSATIONS: MethodsOf<Conversations> = {
  see: true,
  take: true,
  get: true,
  save: true,
  nextDueAt: true,
};
const SESSIONS: MethodsOf<Sessions> = {
  addCode: true,
  redeemCode: true,
  addSession: true,
  hasSession: true,
};

interface Waiting {
  resolve(result: unknown): void;
  reject(error: SkepError): void;
}

/**
 * The SQLite store in a thread of its own, so that a slow disk holds up nothing but what waits for it: with the main
 * thread in each synced commit, a busy disk made webhooks wait. Throws `settings_invalid` when another process has it
 * open. Should the thread end by itself, so does the process: without its store, Skep can do nothing.
 */
export async function openThreadedStore(dir: string): Promise<Store> {
  const worker = new Worker(new URL("./store-thread.ts", import.meta.url), { workerData: dir });
  const listeners = new Set<(transition: Transition) => void>();
  const waiting = new Map<number, Waiting>();
  const opening = Promise.withResolvers<void>();
  const closing = Promise.withResolvers<void>();
  let asked: StoreCall[] = [];
  let calls = 0;
  let isClosed = false;

  function hear(news: StoreNews): void {
    switch (news.kind) {
      case "opened":
        return opening.resolve();
      case "refused":
        return opening.reject(fromPlainError(news.error));
      case "closed":
        return closing.resolve();
      case "committed":
        return listeners.forEach((listener) => listener(news.transition));
      case "done":
        waiting.get(news.id)?.resolve(news.result);
        break;
      case "failed":
        waiting.get(news.id)?.reject(fromPlainError(news.error));
    }
    waiting.delete(news.id);
  }
  worker.on("message", (all: readonly StoreNews[]) => all.forEach(hear));
  worker.on("exit", (code) => {
    if (!isClosed) throw new SkepError("internal", `using the store: its thread ended (${code})`);
  });

  /** What is asked in one turn of the event loop crosses as one message: each wakes the thread, which costs more. */
  function send(): void {
    if (asked.length === 0) return;
    worker.postMessage(asked);
    asked = [];
  }

  function ask(call: Omit<StoreCall, "id">): Promise<unknown> {
    if (isClosed) return Promise.reject(new SkepError("internal", "using the store: it is closed"));
    const id = ++calls;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      if (asked.push({ ...call, id }) === 1) setImmediate(send);
    });
  }

  await opening.promise.catch(async (error: unknown) => {
    isClosed = true;
    await worker.terminate();
    throw error;
  });
  return {
    inbox: part<Inbox>("inbox", INBOX, ask),
    deployments: part<Deployments>("deployments", DEPLOYMENTS, ask),
    catalog: part<Catalog>("catalog", CATALOG, ask),
    outbox: part<Outbox>("outbox", OUTBOX, ask),
    conversations: part<Conversations>("conversations", CONVERSATIONS, ask),
    sessions: part<Sessions>("sessions", SESSIONS, ask),
    onTransition(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      send();
      worker.postMessage("close");
      await closing.promise;
      await worker.terminate();
    },
  };
}

function part<T>(name: StoreCall["part"], methods: MethodsOf<T>, ask: Ask): T {
  const calls = Object.keys(methods).map((method) => [
    method,
    (...args: readonly unknown[]) => ask({ part: name, method, args }),
  ]);
  // Each method answers what the same method of the store in the thread does.
  return Object.fromEntries(calls) as T;
}

import { createReporter } from "../../src/checks/reporter.ts";
import type { GitHub } from "../../src/checks/ports.ts";
import type { Clock } from "../../src/clock.ts";
import { createBuildTurns } from "../../src/deployer/build-turns.ts";
import type { Builder, Swarm } from "../../src/deployer/ports.ts";
import type { RunLimits } from "../../src/deployer/run.ts";
import { NO_SERVER_CONFIG } from "../../src/guard/rules.ts";
import { createFaults } from "../../src/faults.ts";
import { decodeCheckRun } from "../../src/handlers/check-run.ts";
import { decodePush } from "../../src/handlers/push.ts";
import type { Ids } from "../../src/ids.ts";
import type { Decoded } from "../../src/intent.ts";
import { createWork } from "../../src/lanes/work.ts";
import type { Logger } from "../../src/logger.ts";
import type { LogStore } from "../../src/logs/ports.ts";
import type { Permissions } from "../../src/policy/ports.ts";
import type { WakeUps } from "../../src/queue/ports.ts";
import type { Source } from "../../src/source/ports.ts";
import type { Delivery, Store } from "../../src/store/ports.ts";
import { createLife, type Life } from "./mortal.ts";

export const APP_ID = 4711;
export const BASE_URL = "https://skep.test";

/** Shorter than in earnest, so that stories are: what counts is how they compare. */
export const LIMITS: RunLimits = {
  buildMs: 60_000,
  contextBytes: 1_000_000,
  pendingMs: 10_000,
  rolloutMs: 60_000,
  proveMs: 5_000,
  retryMs: 40_000,
  leaseMs: 30_000,
};

/** What a process finds outside of itself. */
export interface Surroundings {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly source: Source;
  readonly builder: Builder;
  readonly swarm: Swarm;
  readonly github: GitHub;
  readonly permissions: Permissions;
  readonly wakeUps: WakeUps;
  /** What a delivery tells or asks for that is not read from its payload; null for all others. */
  readonly told: (guid: string) => Decoded | null;
}

/** One run of the engine over the store, from its start to its end. */
export interface SimulatedProcess {
  readonly life: Life;
  /** Takes a webhook; resolves when it is on disk. Never does when the process dies before. */
  deliver(delivery: Delivery): Promise<void>;
  /** Ends it in order, as SIGTERM does. */
  close(deadlineMs: number): Promise<void>;
}

/** Starts the engine as `src/skep.ts` does, every way to the outside guarded by the process's life. */
export function startProcess(options: {
  readonly owner: string;
  readonly store: Store;
  readonly surroundings: (life: Life) => Surroundings;
  readonly onDeath: () => void;
}): SimulatedProcess {
  const life = createLife(options.onDeath);
  const around = options.surroundings(life);
  const store = guardStore(life, options.store);
  const clock = guardClock(life, around.clock);
  const faults = createFaults(undefined);
  const { ids, log } = around;
  const reporter = createReporter({
    store,
    github: life.guard("github", around.github),
    clock,
    log,
    faults,
    baseUrl: BASE_URL,
  });
  const work = createWork({
    runner: {
      store,
      source: life.guard("source", around.source),
      builder: life.guard("builder", around.builder),
      builds: createBuildTurns(),
      swarm: life.guard("swarm", around.swarm),
      logs: NO_LOGS,
      clock,
      ids,
      faults,
      limits: LIMITS,
      platform: "linux/amd64",
      registry: null,
      defaultNetwork: null,
      reservedPorts: [],
      serverConfig: NO_SERVER_CONFIG,
      serverKey: Buffer.alloc(32, 7),
    },
    permissions: life.guard("permissions", around.permissions),
    decode: async (delivery) => [around.told(delivery.guid) ?? decode(delivery)],
    wakeUps: life.guard("wakeUps", around.wakeUps),
    owner: options.owner,
    log,
    concurrency: 2,
    commentOf: ({ guid }) => {
      const told = around.told(guid);
      const intent = told?.kind === "intent" ? told.intent : null;
      return intent?.kind === "command" ? intent.comment : null;
    },
    onConversation: () => undefined,
  });
  const started = work.start().then(() => reporter.start());

  return {
    life,
    async deliver(delivery) {
      await started;
      if ((await store.inbox.insert(delivery)) === "stored")
        work.delivered(delivery.repositoryId, delivery.event);
    },
    async close(deadlineMs) {
      await started;
      await work.close(deadlineMs);
      await reporter.close();
      await store.close();
    },
  };
}

function decode({ event, guid, payload }: Delivery): Decoded {
  const content: unknown = JSON.parse(payload);
  return event === "push" ? decodePush(content, guid) : decodeCheckRun(content, guid, APP_ID);
}

const NO_LOGS: LogStore = {
  append: () => undefined,
  read: () => Promise.resolve([]),
  onAppend: () => () => undefined,
  redact: () => undefined,
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

function guardStore(life: Life, store: Store): Store {
  return {
    inbox: life.guard("inbox", store.inbox),
    deployments: life.guard("deployments", store.deployments),
    catalog: life.guard("catalog", store.catalog),
    outbox: life.guard("outbox", store.outbox),
    conversations: life.guard("conversations", store.conversations),
    sessions: life.guard("sessions", store.sessions),
    onTransition: (listener) =>
      store.onTransition((transition) => {
        if (!life.isDead) listener(transition);
      }),
    close: () => store.close(),
  };
}

function guardClock(life: Life, clock: Clock): Clock {
  return {
    now: () => clock.now(),
    sleep: (ms, signal) => {
      const asleep = clock.sleep(ms, signal);
      return new Promise((resolve, reject) => {
        asleep.then(
          () => void (life.isDead || resolve()),
          (error: unknown) => void (life.isDead || reject(error)),
        );
      });
    },
    deadline: (ms) => clock.deadline(ms),
  };
}

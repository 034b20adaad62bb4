import { SkepError } from "../../src/errors.ts";
import type { Store } from "../../src/store/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Clock } from "../../src/clock.ts";
import type { Agenda } from "./agenda.ts";
import { DISK_FULL } from "./background.ts";
import type { Doom, Life } from "./mortal.ts";
import { startProcess, type SimulatedProcess, type Surroundings } from "./process.ts";
import type { Witness } from "./witness.ts";

/** The processes that run over one store, one after the other. */
export interface Lives {
  /** The process that runs now; null between two. */
  process(): SimulatedProcess | null;
  /** The store as it is open now. */
  store(): Store | null;
  begin(): Promise<void>;
  /** `kill -9` at a call to come, and a new start `downMs` later. */
  crash(doom: Doom, downMs: number): void;
  /** SIGTERM, and a new start `downMs` after the end. */
  stop(deadlineMs: number, downMs: number): void;
  /** The next call of a method of the store fails, as on a full disk. */
  storeFails(method: string): void;
  /** Takes the lease of a deployment that runs away from it, and lets the new one run out. */
  steal(leaseMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Lives over the store in `dir`. */
export function createLives(options: {
  readonly dir: string;
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly witness: Witness;
  readonly surroundings: (life: Life) => Surroundings;
}): Lives {
  const { clock, agenda, witness } = options;
  let count = 0;
  let downMs = 1_000;
  let process: SimulatedProcess | null = null;
  let store: Store | null = null;

  async function begin(): Promise<void> {
    const opened = openSqliteStore(options.dir);
    store = opened;
    count += 1;
    witness.tell(`life ${count} begins`);
    witness.resume(await opened.deployments.list({ limit: 1_000 }));
    opened.onTransition((transition) => {
      witness.transition(transition);
      if (transition.from === null) void learnLane(opened, transition.deploymentId);
    });
    const { surroundings } = options;
    const onDeath = (): void => void bury(opened);
    process = startProcess({
      owner: `life-${count}`,
      store: noted(opened),
      surroundings,
      onDeath,
    });
  }

  /** The store, what runs journal noted. */
  function noted(opened: Store): Store {
    const { deployments } = opened;
    const record: typeof deployments.record = async (lease, entry) => {
      await deployments.record(lease, entry);
      witness.journalled(lease.deploymentId, entry);
    };
    return { ...opened, deployments: { ...deployments, record } };
  }

  async function learnLane(opened: Store, id: string): Promise<void> {
    const made = await opened.deployments.get(id).catch(() => null);
    if (made) witness.resume([made]);
  }

  async function bury(old: Store): Promise<void> {
    witness.tell(`life ${count} ends by kill -9`);
    process = null;
    store = null;
    await old.close();
    agenda.later(downMs, () => void begin());
  }

  return {
    process: () => process,
    store: () => store,
    begin,
    crash(doom, ms) {
      downMs = ms;
      witness.tell(`doomed ${doom.when} call ${doom.calls} of ${doom.method ?? "anything"}`);
      process?.life.doom(doom);
    },
    stop(deadlineMs, ms) {
      const ending = process;
      if (!ending) return;
      process = null;
      store = null;
      witness.tell(`life ${count} is asked to stop within ${deadlineMs} ms`);
      void ending.close(deadlineMs).then(() => {
        witness.tell(`life ${count} stopped`);
        agenda.later(ms, () => void begin());
      });
    },
    storeFails(method) {
      witness.tell(`the next ${method} fails`);
      process?.life.fail(method, new SkepError("internal", DISK_FULL, { retryable: true }));
    },
    async steal(leaseMs) {
      if (!store) return;
      const { deployments } = store;
      const all = await deployments.list({ limit: 100 });
      const victim = all.find(({ state }) => state === "running" || state === "rolling_back");
      if (!victim) return;
      const now = clock.now();
      await deployments.expireLeasesOfOthers("thief", now);
      await deployments.claim({ lane: victim.lane, owner: "thief", now, leaseMs });
      witness.tell(`the lease of ${victim.id} is stolen for ${leaseMs} ms`);
    },
    close: async () => process?.close(0),
  };
}

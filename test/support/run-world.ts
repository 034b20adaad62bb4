import { Readable } from "node:stream";
import { createBuildTurns } from "../../src/deployer/build-turns.ts";
import type { RunnerDeps } from "../../src/deployer/run.ts";
import { runDeployment } from "../../src/deployer/runner.ts";
import type { Deployment } from "../../src/deployment.ts";
import { NO_SERVER_CONFIG } from "../../src/guard/rules.ts";
import { createFaults } from "../../src/faults.ts";
import { createRandomIds } from "../../src/ids.ts";
import type { LogStore } from "../../src/logs/ports.ts";
import { CONFIG_PATH } from "../../src/policy/read-config.ts";
import type { Source } from "../../src/source/ports.ts";
import type { NewDeployment, Store } from "../../src/store/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { createFakeBuilder, type FakeBuilder } from "./fake-builder.ts";
import { createFakeSwarm, type FakeSwarm } from "./fake-swarm.ts";
import { decision, delivery, plannedDeployment } from "./records.ts";
import { createSimulatedClock, type SimulatedClock } from "./simulated-clock.ts";
import { makeTempDir } from "./temp-dir.ts";

const LEASE_MS = 30_000;
const LANE = plannedDeployment().lane;

/** A real store, a fake Swarm and builder, and simulated time, in which deployments run. */
export interface RunWorld {
  readonly store: Store;
  readonly swarm: FakeSwarm;
  readonly builder: FakeBuilder;
  readonly clock: SimulatedClock;
  /** All lines of the deployments' logs. */
  readonly lines: readonly string[];
  /** What one process works with. */
  deps(overrides?: Partial<RunnerDeps>): RunnerDeps;
  /**
   * Takes a push (or whatever `overrides` say) that makes one deployment; `config` is its commit's `.github/skep.yml`,
   * `files` what else the commit has, by path.
   */
  accept(
    id: string,
    config: string,
    overrides?: Partial<NewDeployment>,
    files?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Takes somebody's wish to cancel a deployment. */
  cancel(id: string, by: string): Promise<void>;
  /** Moves a pull request's head; null when there is none any more. */
  moveHead(pullRequest: number, sha: string | null): void;
  /** Claims what the lane holds and runs it, as one process, while time goes on; rejects when the process is killed. */
  run(deps?: RunnerDeps): Promise<Deployment>;
  cleanUp(): Promise<void>;
}

/** Opens a world of its own for one test. */
export async function openRunWorld(): Promise<RunWorld> {
  const dir = await makeTempDir();
  const store = openSqliteStore(dir.path);
  const clock = createSimulatedClock();
  const swarm = createFakeSwarm(clock);
  const builder = createFakeBuilder(clock);
  const commits = new Map<string, Commit>();
  const heads = new Map<number, string | null>();
  const lines: string[] = [];
  let owners = 0;
  let wishes = 0;

  const deps = (overrides: Partial<RunnerDeps> = {}): RunnerDeps => ({
    store,
    source: sourceOf(commits, heads),
    builder,
    builds: createBuildTurns(),
    swarm,
    logs: logsInto(lines),
    clock,
    ids: createRandomIds(() => clock.now()),
    faults: createFaults(undefined),
    limits: {
      buildMs: 60_000,
      contextBytes: 1_000_000,
      pendingMs: 30_000,
      rolloutMs: 300_000,
      proveMs: 5_000,
      retryMs: 60_000,
      leaseMs: LEASE_MS,
    },
    platform: "linux/amd64",
    registry: null,
    defaultNetwork: null,
    reservedPorts: [],
    serverConfig: NO_SERVER_CONFIG,
    serverKey: Buffer.alloc(32, 7),
    ...overrides,
  });

  return {
    store,
    swarm,
    builder,
    clock,
    lines,
    deps,
    async accept(id, config, overrides = {}, files = {}) {
      const made = { id, sha: shaOf(id), createdAt: clock.now() };
      const planned = plannedDeployment({ ...made, ...overrides });
      // A commit that is gone back to is there already.
      const known = commits.get(planned.sha);
      commits.set(planned.sha, { ...known, [CONFIG_PATH]: config, ...files });
      await store.inbox.insert(delivery({ guid: id }));
      await store.inbox.decide([decision(id, [planned], { at: clock.now() })]);
    },
    async cancel(id, by) {
      const guid = `wish-${++wishes}`;
      await store.inbox.insert(delivery({ guid }));
      const cancelled = [{ deploymentId: id, by }];
      await store.inbox.decide([
        decision(guid, [], { decided: [], decidedSha: null, cancelled, at: clock.now() }),
      ]);
    },
    moveHead: (pullRequest, sha) => void heads.set(pullRequest, sha),
    async run(own = deps()) {
      const owner = `process ${++owners}`;
      await store.deployments.expireLeasesOfOthers(owner, clock.now());
      const request = { lane: LANE, owner, now: clock.now(), leaseMs: LEASE_MS };
      const claim = await store.deployments.claim(request);
      if (!claim) throw new Error("there is nothing to run");
      return drive(clock, swarm, runDeployment(own, claim, new AbortController().signal));
    },
    async cleanUp() {
      await store.close();
      await dir.remove();
    },
  };
}

/** Moves time on, to whatever happens next, until the promise is settled. */
async function drive<T>(clock: SimulatedClock, swarm: FakeSwarm, running: Promise<T>): Promise<T> {
  let isOver = false;
  const settled = running.finally(() => (isOver = true));
  settled.catch(() => undefined);
  while (!isOver) {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    const nextAt = Math.min(clock.nextAt() ?? Infinity, swarm.nextAt() ?? Infinity);
    if (!isOver && Number.isFinite(nextAt)) clock.advance(Math.max(1, nextAt - clock.now()));
  }
  return settled;
}

/** A SHA that no other deployment has. */
export function shaOf(id: string): string {
  return Buffer.from(id).toString("hex").padEnd(40, "0").slice(0, 40);
}

/** Path → text. */
type Commit = Readonly<Record<string, string>>;

function sourceOf(
  commits: ReadonlyMap<string, Commit>,
  heads: ReadonlyMap<number, string | null>,
): Source {
  const read = (sha: string, path: string): string | null => commits.get(sha)?.[path] ?? null;
  return {
    fetch: () => Promise.resolve({ defaultBranchSha: null }),
    resolve: () => Promise.resolve({ kind: "unknown" }),
    pullRequestHead: (_repository, number) => Promise.resolve(heads.get(number) ?? null),
    readFile: (_repository, sha, path) => Promise.resolve(read(sha, path)),
    readBytes(_repository, sha, path) {
      const text = read(sha, path);
      return Promise.resolve(text === null ? null : Buffer.from(text));
    },
    hasChanged: () => Promise.resolve(true),
    isAncestor: () => Promise.resolve(false),
    objectId: (_repository, sha, path) => Promise.resolve(`${sha}:${path}`),
    context: () => Promise.resolve(Readable.from([])),
  };
}

function logsInto(lines: string[]): LogStore {
  return {
    append: (_id, entries) => void lines.push(...entries.map(({ text }) => text)),
    read: () => Promise.resolve([]),
    onAppend: () => () => undefined,
    redact: () => undefined,
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

import { join } from "node:path";
import { Readable } from "node:stream";
import { createSystemClock } from "../../src/clock.ts";
import { createBuildTurns } from "../../src/deployer/build-turns.ts";
import { watchForCancel } from "../../src/deployer/cancel-watch.ts";
import { createBuildKitBuilder } from "../../src/deployer/docker/buildkit-builder.ts";
import { createDockerClient } from "../../src/deployer/docker/client.ts";
import { createDockerodeSwarm } from "../../src/deployer/docker/dockerode-swarm.ts";
import { firstStep, next, type Step } from "../../src/deployer/machine.ts";
import { perform } from "../../src/deployer/perform.ts";
import { createRun, type Run, type RunnerDeps } from "../../src/deployer/run.ts";
import { endRun, enterStep, leaveStep } from "../../src/deployer/step-record.ts";
import { createFaults } from "../../src/faults.ts";
import { NO_SERVER_CONFIG } from "../../src/guard/rules.ts";
import { createRandomIds } from "../../src/ids.ts";
import { createLogger } from "../../src/logger.ts";
import { createLogStore } from "../../src/logs/log-store.ts";
import type { Source } from "../../src/source/ports.ts";
import type { Claim } from "../../src/store/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { decision, delivery, plannedDeployment } from "../../test/support/records.ts";
import type { Cleanup } from "../../sandbox/cleanup.ts";

/** When each step of a run began and ended, in milliseconds of `performance.now()`. */
export type StepTimes = ReadonlyMap<Step, { readonly startedAt: number; readonly endedAt: number }>;

/** Skep's own steps on a real engine, with its store and its log, but without GitHub and Git. */
export interface StackRunner {
  /** Full name of a service of the stack, by its key. */
  serviceName(key: string): string;
  /** Deploys the stack of a commit whose `stack.yml` has this text; rejects unless it succeeds. */
  deploy(text: string): Promise<StepTimes>;
}

const CONFIG = "stack: [stack.yml]\n";
/** The images are there, as nothing was built by Skep. */
const ALLOWED = { repositories: ["*"], rules: { registries: ["localhost/bench"] }, limits: {} };
const LEASE_MS = 300_000;

/** Opens a store and a log in a folder. */
export async function createStackRunner(
  cleanup: Cleanup,
  where: { readonly dir: string; readonly socketPath: string },
): Promise<StackRunner> {
  const clock = createSystemClock();
  const store = openSqliteStore(where.dir);
  cleanup.add("store", () => store.close());
  const log = createLogger("silent");
  const logs = await createLogStore({ file: join(where.dir, "logs.db"), clock, log });
  cleanup.add("logs", () => logs.close());
  const client = createDockerClient(`unix://${where.socketPath}`, clock);
  const texts = new Map<string, string>();
  const deps: RunnerDeps = {
    store,
    logs,
    clock,
    source: sourceOf(texts),
    builder: createBuildKitBuilder({ client, clock, registryAuth: () => null }),
    builds: createBuildTurns(),
    swarm: createDockerodeSwarm(client),
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
    serverConfig: { ...NO_SERVER_CONFIG, allow: [ALLOWED] },
    serverKey: Buffer.alloc(32, 7),
  };
  let count = 0;

  async function claim(text: string): Promise<Claim> {
    const id = `dep_${++count}`;
    const sha = String(count).padStart(40, "0");
    texts.set(sha, text);
    const at = clock.now();
    const planned = plannedDeployment({ id, sha, policySha: sha, createdAt: at });
    await store.inbox.insert(delivery({ guid: id }));
    await store.inbox.decide([decision(id, [planned], { at })]);
    const { lane } = planned;
    const claimed = await store.deployments.claim({
      lane,
      owner: "bench",
      now: at,
      leaseMs: LEASE_MS,
    });
    if (!claimed) throw new Error(`claiming ${id}: there is nothing to run`);
    return claimed;
  }

  return {
    serviceName: (key) => `${plannedDeployment().stackName}_${key}`,
    async deploy(text) {
      const { deployment, lease } = await claim(text);
      const ended = new AbortController();
      const watch = { store, clock, everyMs: LEASE_MS / 3 };
      const run = createRun(deps, {
        deployment,
        lease,
        journal: [],
        release: null,
        ended: ended.signal,
        stopped: new AbortController().signal,
        cancel: watchForCancel(watch, deployment, ended.signal),
      });
      try {
        return await runSteps(run);
      } finally {
        ended.abort();
      }
    },
  };
}

/** As the runner does it, with a look at the clock before and after each step. */
async function runSteps(run: Run): Promise<StepTimes> {
  const times = new Map<Step, { readonly startedAt: number; readonly endedAt: number }>();
  const { kind, state, phase } = run.deployment();
  let step = firstStep({ kind, state, phase, hasRelease: false, journal: run.journalStates() });
  for (;;) {
    const startedAt = performance.now();
    await enterStep(run, step);
    const result = await perform(run, step);
    const following = next(step, result);
    if ("failure" in result) throw new Error(`step ${step}: ${JSON.stringify(result.failure)}`);
    if (following.kind === "end") await endRun(run, following.state, result);
    else await leaveStep(run, step, following, result);
    times.set(step, { startedAt, endedAt: performance.now() });
    if (following.kind === "end") return times;
    step = following.step;
  }
}

function sourceOf(texts: ReadonlyMap<string, string>): Source {
  const read = (sha: string, path: string): string | null =>
    path === "stack.yml" ? (texts.get(sha) ?? null) : path.endsWith("skep.yml") ? CONFIG : null;
  return {
    fetch: () => Promise.resolve({ defaultBranchSha: null }),
    resolve: () => Promise.resolve({ kind: "unknown" }),
    pullRequestHead: () => Promise.resolve(null),
    readFile: (_repository, sha, path) => Promise.resolve(read(sha, path)),
    readBytes: (_repository, sha, path) => Promise.resolve(Buffer.from(read(sha, path) ?? "")),
    hasChanged: () => Promise.resolve(true),
    isAncestor: () => Promise.resolve(false),
    objectId: () => Promise.resolve(null),
    context: () => Promise.resolve(Readable.from([])),
  };
}

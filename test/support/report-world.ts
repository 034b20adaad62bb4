import { converge, type ConvergeDeps } from "../../src/checks/converge.ts";
import { createInstallationBudgets } from "../../src/checks/installation-budgets.ts";
import type { DeploymentState } from "../../src/deployment.ts";
import { createFaults } from "../../src/faults.ts";
import type { DeploymentPatch, Lease, Store } from "../../src/store/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { createFakeGitHub, type FakeGitHub } from "./fake-github.ts";
import { createRecordedLog, type RecordedLog } from "./recorded-log.ts";
import { decision, delivery, plannedDeployment } from "./records.ts";
import { createSimulatedClock, type SimulatedClock } from "./simulated-clock.ts";
import { makeTempDir } from "./temp-dir.ts";

type Planned = ReturnType<typeof plannedDeployment>;

/** A real store, a fake GitHub and simulated time, with the steps of a deployment's life. */
export interface ReportWorld {
  readonly store: Store;
  readonly github: FakeGitHub;
  readonly clock: SimulatedClock;
  readonly log: RecordedLog;
  /** What one process works with. */
  deps(overrides?: Partial<ConvergeDeps>): ConvergeDeps;
  /** Brings GitHub up to date for one deployment, as a process of its own. */
  converge(id: string, deps?: ConvergeDeps): Promise<void>;
  /** Takes a push that makes one deployment. */
  accept(id: string, overrides?: Partial<Planned>): Promise<void>;
  /** Starts the next deployment of a lane. */
  begin(lane?: string): Promise<Lease>;
  change(lease: Lease, patch: DeploymentPatch): Promise<void>;
  end(lease: Lease, state: DeploymentState, patch?: DeploymentPatch): Promise<void>;
  cleanUp(): Promise<void>;
}

const BASE_URL = "https://skep.test";

/** Opens a world of its own for one test. */
export async function openReportWorld(): Promise<ReportWorld> {
  const dir = await makeTempDir();
  const store = openSqliteStore(dir.path);
  const github = createFakeGitHub();
  const clock = createSimulatedClock();
  const log = createRecordedLog();

  const deps = (overrides: Partial<ConvergeDeps> = {}): ConvergeDeps => ({
    store,
    github,
    clock,
    log,
    faults: createFaults(undefined),
    baseUrl: BASE_URL,
    budgets: createInstallationBudgets(clock),
    isClosing: () => false,
    ...overrides,
  });

  return {
    store,
    github,
    clock,
    log,
    deps,
    converge: (id, own = deps()) => converge(own, id),
    async accept(id, overrides = {}) {
      await store.inbox.insert(delivery({ guid: id }));
      const planned = plannedDeployment({ id, createdAt: clock.now(), ...overrides });
      const { repository, app, environment } = planned;
      const decided = [{ repositoryId: repository.id, app, environment }];
      await store.inbox.decide([decision(id, [planned], { at: clock.now(), decided })]);
    },
    async begin(lane = plannedDeployment().lane) {
      const claim = await store.deployments.claim({
        lane,
        owner: "runner",
        now: clock.now(),
        leaseMs: 3_600_000,
      });
      if (!claim) throw new Error(`nothing to begin in ${lane}`);
      return claim.lease;
    },
    async change(lease, patch) {
      await store.deployments.update(lease, { patch, reason: "test", at: clock.now() });
    },
    async end(lease, state, patch = {}) {
      await store.deployments.finish(lease, {
        patch: { ...patch, state, phase: null, finishedAt: clock.now() },
        reason: "test",
        at: clock.now(),
        desiredReleaseId: state === "succeeded" ? `release_of_${lease.deploymentId}` : null,
      });
    },
    async cleanUp() {
      await store.close();
      await dir.remove();
    },
  };
}

import type { Clock } from "../clock.ts";
import type { Deployment } from "../deployment.ts";
import { SkepError, toSkepError } from "../errors.ts";
import type { Faults } from "../faults.ts";
import { withFaults } from "../faults.ts";
import type { ServerConfig } from "../guard/rules.ts";
import type { Ids } from "../ids.ts";
import type { LogStore } from "../logs/ports.ts";
import type { BuildDefinition, Release, StackDraft } from "../release.ts";
import type { Place } from "../stack/locate.ts";
import type { Source } from "../source/ports.ts";
import type { DeploymentPatch, JournalEntry, Lease, Store } from "../store/ports.ts";
import type { BuildTurns } from "./build-turns.ts";
import type { CancelWatch } from "./cancel-watch.ts";
import { isCancellable, type Step } from "./machine.ts";
import type { StackPlan } from "./plan/stack-plan.ts";
import type { Builder, LiveCluster, Swarm } from "./ports.ts";
import type { StackHistory } from "./rollout/judge-stack.ts";

/** How long things may take, in milliseconds, and how large they may be, in bytes. */
export interface RunLimits {
  readonly buildMs: number;
  readonly contextBytes: number;
  /** How long a task may wait for a node. */
  readonly pendingMs: number;
  /** How long a whole roll-out may take, beyond what the service's own health check and delays ask for. */
  readonly rolloutMs: number;
  /** How long the tasks must stay healthy, at the least, before the deployment counts as a success. */
  readonly proveMs: number;
  /** How long an engine or a GitHub that is away is waited for. */
  readonly retryMs: number;
  readonly leaseMs: number;
}

/** What the runner works with. */
export interface RunnerDeps {
  readonly store: Store;
  readonly source: Source;
  readonly builder: Builder;
  readonly builds: BuildTurns;
  readonly swarm: Swarm;
  readonly logs: LogStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly faults: Faults;
  readonly limits: RunLimits;
  /** What images are built for, e.g. `linux/amd64`. */
  readonly platform: string;
  /** Where built images are pushed, such as `registry.example.com/team`; null for nowhere. */
  readonly registry: string | null;
  /** Overlay network that a lone service joins when it names none; null for no network. */
  readonly defaultNetwork: string | null;
  /** Skep's own, which no stack may publish. */
  readonly reservedPorts: readonly number[];
  /** What the operator allows. */
  readonly serverConfig: ServerConfig;
  /** Makes the names of configs and secrets from their content, so that these do not tell it. */
  readonly serverKey: Uint8Array;
}

/** What the source step found, for the build step of the same process. */
export interface FoundSource {
  readonly draft: StackDraft;
  /** Where a key such as `services.web.ports` stands in the stack's files. */
  readonly locate: (key: string) => Place;
  /** One for each service that is built; several may share a key. */
  readonly builds: readonly FoundBuild[];
  /** The Swarm when the stack was read. */
  readonly live: LiveCluster;
}

/** A plan, and when the Swarm was looked at for it. */
export interface MadePlan {
  readonly plan: StackPlan;
  readonly at: number;
}

/** The build of one service of the stack. */
export interface FoundBuild {
  /** The service's key. */
  readonly service: string;
  readonly key: string;
  readonly tag: string;
  readonly definition: BuildDefinition;
}

/** One run of one deployment: the record as it stands, and the ways to change it and the outside. */
export interface Run {
  readonly deps: RunnerDeps;
  readonly lease: Lease;
  /** Aborted when the process shuts down or the lease is lost: the run stays as it is. */
  readonly stopped: AbortSignal;
  /** Aborted with `stopped`, and when somebody cancels in a step that is cut short by that. */
  readonly signal: AbortSignal;
  /** Begins a step; reads the record for a wish to cancel, where that counts. */
  begin(step: Step): Promise<void>;
  deployment(): Deployment;
  /** Whether the release is written: the record may name one whose writing failed or was cut short. */
  hasRelease(): boolean;
  /** The release, once written. */
  release(): Release;
  setRelease(release: Release): void;
  foundSource(): FoundSource | null;
  setFoundSource(found: FoundSource): void;
  /** The plan that was made last by this process; null when there is none, or when it was taken before. */
  takePlan(): MadePlan | null;
  setPlan(plan: MadePlan): void;
  /** What was observed of the roll-out so far, by this process. */
  history(): StackHistory | null;
  setHistory(history: StackHistory): void;
  /** Tells that the outside answered as it should: what fails afterwards is trouble of its own. */
  noteProgress(): void;
  /** When that was told last, or when the run began. */
  progressAt(): number;
  /** Keeps these values out of the log and of failures from now on. */
  hide(values: readonly string[]): void;
  /** The values that are kept out; null before `hide` was called. */
  hidden(): readonly string[] | null;
  /** Writes a line into the deployment's log. */
  say(text: string, level?: "info" | "error"): void;
  patch(patch: DeploymentPatch, reason: string): Promise<void>;
  journalEntry(step: string): JournalEntry | null;
  /** How far each journalled effect came. */
  journalStates(): ReadonlyMap<string, JournalEntry["state"]>;
  /**
   * Performs one effect on the outside, named by the first word of its step: journalled `about_to` with what a later run needs to look it up, then `done`
   * with what came of it. Looking up is the caller's part, before it calls this.
   */
  effect<T>(step: string, about: unknown, act: () => Promise<T>): Promise<T>;
  /** Starts something that goes on beside the run until it is over; the second call of a name does nothing. */
  beside(name: string, work: (signal: AbortSignal) => Promise<void>): void;
  /** Marks an effect as done that was looked up and found to have happened. */
  found(step: string, data: unknown): Promise<void>;
}

/** What a run starts from. */
export interface RunStart {
  readonly deployment: Deployment;
  readonly lease: Lease;
  readonly journal: readonly JournalEntry[];
  readonly release: Release | null;
  /** Aborted when the process shuts down or the lease is lost. */
  readonly stopped: AbortSignal;
  readonly cancel: CancelWatch;
  /** Aborted when the run is over, however it ends. */
  readonly ended: AbortSignal;
}

/** Makes the run's handle on the store, the journal and the log. */
export function createRun(deps: RunnerDeps, start: RunStart): Run {
  let deployment = start.deployment;
  let release = start.release;
  let found: FoundSource | null = null;
  let made: MadePlan | null = null;
  let history: StackHistory | null = null;
  let progressAt = deps.clock.now();
  let hidden: readonly string[] | null = null;
  let isCuttable = false;
  const { stopped, cancel } = start;
  const stoppedOrCancelled = AbortSignal.any([stopped, cancel.signal]);
  const signal = (): AbortSignal => (isCuttable ? stoppedOrCancelled : stopped);
  const beside = new Set<string>();
  const journal = new Map(start.journal.map((entry) => [entry.step, entry]));

  async function record(step: string, state: JournalEntry["state"], data: unknown): Promise<void> {
    const entry = { step, state, data, at: deps.clock.now() };
    await deps.store.deployments.record(start.lease, entry);
    journal.set(step, entry);
  }

  function say(text: string, level: "info" | "error" = "info"): void {
    const at = deps.clock.now();
    const { phase } = deployment;
    deps.logs.append(deployment.id, [{ at, phase, stream: "skep", source: "", level, text }]);
  }

  return {
    deps,
    lease: start.lease,
    stopped,
    get signal() {
      return signal();
    },
    async begin(step) {
      isCuttable = isCancellable(step);
      if (isCuttable) await cancel.look();
    },
    deployment: () => deployment,
    hasRelease: () => release !== null,
    release() {
      if (!release)
        throw new SkepError("internal", `running ${deployment.id}: it has no release yet`);
      return release;
    },
    setRelease(written) {
      release = written;
    },
    foundSource: () => found,
    setFoundSource(source) {
      found = source;
    },
    takePlan() {
      const taken = made;
      made = null;
      return taken;
    },
    setPlan(plan) {
      made = plan;
    },
    history: () => history,
    setHistory(observed) {
      history = observed;
    },
    noteProgress() {
      progressAt = deps.clock.now();
    },
    progressAt: () => progressAt,
    hide(values) {
      hidden = values;
      deps.logs.redact(values);
    },
    hidden: () => hidden,
    say,
    async patch(patch, reason) {
      const at = deps.clock.now();
      deployment = await deps.store.deployments.update(start.lease, { patch, reason, at });
    },
    journalEntry: (step) => journal.get(step) ?? null,
    journalStates: () => new Map([...journal].map(([step, { state }]) => [step, state])),
    async effect(step, about, act) {
      signal().throwIfAborted();
      await record(step, "about_to", about);
      const moment = (): Promise<void> => deps.clock.sleep(5);
      const [effect = step] = step.split(" ");
      const result = await withFaults(deps.faults, effect, moment, act);
      await record(step, "done", about);
      return result;
    },
    beside(name, work) {
      if (beside.has(name)) return;
      beside.add(name);
      const over = AbortSignal.any([stopped, start.ended]);
      work(over).catch((thrown: unknown) => {
        if (!over.aborted) say(`${name}: ${toSkepError(thrown).message}`, "error");
      });
    },
    found: (step, data) => record(step, "done", data),
  };
}

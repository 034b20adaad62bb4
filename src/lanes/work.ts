import type { RunnerDeps } from "../deployer/run.ts";
import { toSkepError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { FactSources } from "../policy/ports.ts";
import type { Permissions } from "../policy/ports.ts";
import type { LaneKind, WakeUps } from "../queue/ports.ts";
import { acknowledge, ACKNOWLEDGED_EVENT, type AcknowledgeDeps } from "./acknowledge.ts";
import { runDecisionLane, type DecisionDeps } from "./decision-lane.ts";
import { runDeploymentLane } from "./deployment-lane.ts";
import { createLanes } from "./lanes.ts";
import { sweep } from "./sweeper.ts";

const SWEEP_MS = 5_000;
const DECISION_RETRY_MS = 30 * 60_000;
const DECISION_CONCURRENCY = 8;

/** What the work of a process is made of. */
export interface WorkDeps {
  readonly runner: RunnerDeps;
  readonly permissions: Permissions;
  readonly decode: DecisionDeps["decode"];
  readonly wakeUps: WakeUps;
  /** The comment of a delivery, when it holds commands; never throws. */
  readonly commentOf: AcknowledgeDeps["commentOf"];
  /** Called when there is something to tell on a pull request: a command was seen, or answered. */
  readonly onConversation: () => void;
  /** Names this process in its leases. */
  readonly owner: string;
  readonly log: Logger;
  /** How many deployments run at the same time. */
  readonly concurrency: number;
}

/** All that a process does about deliveries and deployments. */
export interface Work {
  /** Takes up what an earlier process left, and then what comes. */
  start(): Promise<void>;
  /** Tells that a delivery of this event and repository has been stored. */
  delivered(repositoryId: number | null, event: string): void;
  /**
   * Takes no more work, and waits up to `deadlineMs` for what runs; then hands the rest back. `atDeadline` is called
   * then, to end what is waited for outside.
   */
  close(deadlineMs: number, atDeadline?: () => void): Promise<void>;
}

/** Deliveries without a repository share one lane. */
const NO_REPOSITORY = "none";

/** Wires wake-ups, lanes and the sweep together. */
export function createWork(deps: WorkDeps): Work {
  const { store, clock, ids } = deps.runner;
  const { log, wakeUps } = deps;
  // `closing` stops taking work; `aborting` also stops what runs.
  const closing = new AbortController();
  const aborting = new AbortController();
  const { source, builder } = deps.runner;
  const facts: FactSources = { store, source, permissions: deps.permissions, images: builder };
  const decisions = createLanes({
    concurrency: DECISION_CONCURRENCY,
    work: (lane) =>
      runDecisionLane(
        {
          facts,
          decode: deps.decode,
          wakeDeployments,
          onAnswered: deps.onConversation,
          clock,
          ids,
          log,
          retryMs: DECISION_RETRY_MS,
        },
        lane === NO_REPOSITORY ? null : Number(lane),
        closing.signal,
      ),
    onError: (lane, error) => logLaneError("decision", lane, error),
  });
  const deployments = createLanes({
    concurrency: deps.concurrency,
    work: (lane) =>
      runDeploymentLane({ runner: deps.runner, owner: deps.owner, log }, lane, {
        closing: closing.signal,
        aborting: aborting.signal,
      }),
    onError: (lane, error) => logLaneError("deployment", lane, error),
  });
  const { commentOf, onConversation } = deps;
  const comments = createLanes({
    concurrency: DECISION_CONCURRENCY,
    work: (lane) => acknowledge({ store, commentOf, onSeen: onConversation }, Number(lane)),
    onError: (lane, error) => logLaneError("acknowledgement", lane, error),
  });

  function logLaneError(kind: LaneKind | "acknowledgement", lane: string, error: unknown): void {
    if (closing.signal.aborted) return;
    log.error({ err: toSkepError(error), kind, lane }, "working on a lane");
  }

  function wake(kind: LaneKind, lane: string): void {
    if (closing.signal.aborted) return;
    (kind === "decision" ? decisions : deployments).wake(lane);
  }

  async function requestWakeUp(kind: LaneKind, lane: string): Promise<void> {
    try {
      await wakeUps.wake(kind, lane);
    } catch (error) {
      // The sweep finds what this wake-up would have told.
      log.warn({ err: toSkepError(error), kind, lane }, "asking for a wake-up");
    }
  }

  async function wakeDeployments(lanes: readonly string[]): Promise<void> {
    await Promise.all(lanes.map((lane) => requestWakeUp("deployment", lane)));
  }

  let sweeping: Promise<void> = Promise.resolve();
  return {
    async start() {
      const freed = await store.deployments.expireLeasesOfOthers(deps.owner, clock.now());
      if (freed > 0) log.info({ deployments: freed }, "taking up what an earlier process left");
      await wakeUps.listen(async (kind, lane) => wake(kind, lane));
      sweeping = sweep({
        store,
        clock,
        log,
        everyMs: SWEEP_MS,
        wakeDecision: (repositoryId) => wake("decision", String(repositoryId ?? NO_REPOSITORY)),
        wakeDeployment: (lane) => wake("deployment", lane),
        signal: closing.signal,
      });
    },
    delivered(repositoryId, event) {
      if (event === ACKNOWLEDGED_EVENT && repositoryId !== null && !closing.signal.aborted)
        comments.wake(String(repositoryId));
      const lane = String(repositoryId ?? NO_REPOSITORY);
      // A lane at work only has to look once more: that need not go round by Redis.
      if (decisions.isWorking(lane)) wake("decision", lane);
      else void requestWakeUp("decision", lane);
    },
    async close(deadlineMs, atDeadline = () => undefined) {
      closing.abort();
      await wakeUps.close().catch((error: unknown) => {
        log.warn({ err: toSkepError(error) }, "closing the wake-ups");
      });
      const idle = Promise.all([sweeping, comments.idle(), decisions.idle(), deployments.idle()]);
      await Promise.race([idle, clock.sleep(deadlineMs)]);
      aborting.abort();
      atDeadline();
      await idle;
    },
  };
}

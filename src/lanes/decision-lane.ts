import type { Clock } from "../clock.ts";
import { toSkepError, type SkepError } from "../errors.ts";
import type { Ids } from "../ids.ts";
import type { Decoded, Intent } from "../intent.ts";
import { decidePush, decideRetry, type Verdict } from "../policy/decide.ts";
import { gatherPushFacts, gatherRetryFacts, type FactSources } from "../policy/facts.ts";
import type { Logger } from "../logger.ts";
import type { Decision, Delivery, IntentRecord } from "../store/ports.ts";

/** What the decision lane works with. */
export interface DecisionDeps {
  readonly facts: FactSources;
  readonly decode: (delivery: Delivery) => Promise<readonly Decoded[]>;
  /** Called with the lanes that have new work. */
  readonly wakeDeployments: (lanes: readonly string[]) => Promise<void>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** How long facts that cannot be had now are waited for, in milliseconds. */
  readonly retryMs: number;
}

/** How many deliveries are read at a time; GitHub's may be large. */
const BATCH = 20;

/** Decides all deliveries of one repository (null: those without one), oldest first, until none is left. */
export async function runDecisionLane(
  deps: DecisionDeps,
  repositoryId: number | null,
  signal: AbortSignal,
): Promise<void> {
  const { inbox } = deps.facts.store;
  for (;;) {
    signal.throwIfAborted();
    const deliveries = await inbox.next(repositoryId, BATCH);
    if (deliveries.length === 0) return;
    const decisions = await decideSome(deps, deliveries, signal);
    const made = await inbox.decide(decisions);
    const lanes = made.filter(({ state }) => state === "queued").map(({ lane }) => lane);
    if (lanes.length > 0) await deps.wakeDeployments(lanes);
  }
}

/**
 * Decides deliveries up to the first that changes what later ones are decided on. Most change nothing (other Apps'
 * check runs), and share one commit that way.
 */
async function decideSome(
  deps: DecisionDeps,
  deliveries: readonly Delivery[],
  signal: AbortSignal,
): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  for (const delivery of deliveries) {
    const decision = await decideDelivery(deps, delivery, signal);
    decisions.push(decision);
    if (decision.deployments.length > 0 || decision.decided.length > 0) break;
  }
  return decisions;
}

async function decideDelivery(
  deps: DecisionDeps,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<Decision> {
  const decoded = await decodeSafely(deps, delivery);
  const intents: IntentRecord[] = [];
  const deployments: Decision["deployments"][number][] = [];
  const decided: Decision["decided"][number][] = [];
  let decidedSha: string | null = null;
  for (const found of decoded) {
    const id = deps.ids.next("int");
    const at = deps.clock.now();
    if (found.kind === "ignored") {
      intents.push({ id, deliveryGuid: delivery.guid, outcome: { ...found, intent: null }, at });
      continue;
    }
    const verdict = await reachVerdict(deps, found.intent, signal);
    intents.push({ id, deliveryGuid: delivery.guid, outcome: verdict.outcome, at });
    deployments.push(...verdict.deployments.map((planned) => complete(deps, planned, id)));
    decided.push(...verdict.decided);
    if (verdict.decided.length > 0) decidedSha = found.intent.sha;
  }
  for (const { outcome } of intents) logOutcome(deps.log, delivery, outcome);
  return {
    deliveryGuid: delivery.guid,
    at: deps.clock.now(),
    intents,
    deployments,
    decided,
    decidedSha,
  };
}

async function decodeSafely(deps: DecisionDeps, delivery: Delivery): Promise<readonly Decoded[]> {
  try {
    return await deps.decode(delivery);
  } catch (thrown) {
    const error = toSkepError(thrown);
    deps.log.error({ err: error, delivery: delivery.guid }, "decoding a delivery");
    return [{ kind: "ignored", code: error.code, message: error.message }];
  }
}

/** GitHub's git servers may learn of a commit, or of the App's access to it, a moment after the webhook was sent. */
const NOT_FOUND_RETRY_MS = 30_000;

/** Decides one intent, waiting for a GitHub that is away; gives up only after `retryMs`. */
async function reachVerdict(
  deps: DecisionDeps,
  intent: Intent,
  signal: AbortSignal,
): Promise<Verdict> {
  const startedAt = deps.clock.now();
  const patienceFor = (error: SkepError): number => {
    if (error.code === "source_not_found") return Math.min(NOT_FOUND_RETRY_MS, deps.retryMs);
    return error.retryable ? deps.retryMs : 0;
  };
  for (let attempt = 0; ; attempt++) {
    try {
      return await decide(deps, intent);
    } catch (thrown) {
      const error = toSkepError(thrown);
      deps.log.warn({ err: error, delivery: intent.deliveryGuid, attempt }, "gathering facts");
      if (deps.clock.now() - startedAt >= patienceFor(error)) return giveUp(intent, error);
      await deps.clock.sleep(Math.min(500 * 2 ** attempt, 60_000), signal);
    }
  }
}

async function decide(deps: DecisionDeps, intent: Intent): Promise<Verdict> {
  switch (intent.kind) {
    case "push":
      return decidePush(intent, await gatherPushFacts(deps.facts, intent));
    case "retry":
      return decideRetry(intent, await gatherRetryFacts(deps.facts, intent));
  }
}

function giveUp(intent: Intent, error: SkepError): Verdict {
  const outcome = { kind: "refused", code: error.code, message: error.message, intent } as const;
  return { outcome, deployments: [], decided: [] };
}

function complete(
  deps: DecisionDeps,
  planned: Verdict["deployments"][number],
  intentId: string,
): Decision["deployments"][number] {
  const at = deps.clock.now();
  return {
    ...planned,
    id: deps.ids.next("dep"),
    intentId,
    phase: null,
    phases: [],
    plan: [],
    releaseId: null,
    supersededBy: null,
    previousDeploymentId: null,
    createdAt: at,
    startedAt: null,
    finishedAt: planned.state === "refused" ? at : null,
    tasksRunningAt: null,
  };
}

function logOutcome(log: Logger, delivery: Delivery, outcome: IntentRecord["outcome"]): void {
  const { guid, event, repositoryId } = delivery;
  const reason = outcome.kind === "accepted" ? null : outcome.code;
  log.info(
    { delivery: guid, event, repositoryId, outcome: outcome.kind, reason },
    "delivery decided",
  );
}

import type { Clock } from "../clock.ts";
import { toSkepError, type SkepError } from "../errors.ts";
import type { Ids } from "../ids.ts";
import type { Decoded, Intent } from "../intent.ts";
import type { Logger } from "../logger.ts";
import { decideIntent } from "../policy/decide-intent.ts";
import type { FactSources } from "../policy/ports.ts";
import { refusal, verdict, type Verdict } from "../policy/verdict.ts";
import type { Decision, Delivery, IntentRecord } from "../store/ports.ts";
import { decisionOf } from "./decision-of.ts";

/** What the decision lane works with. */
export interface DecisionDeps {
  readonly facts: FactSources;
  readonly decode: (delivery: Delivery) => Promise<readonly Decoded[]>;
  /** Called with the lanes that have new work. */
  readonly wakeDeployments: (lanes: readonly string[]) => Promise<void>;
  /** Called when a command has been answered. */
  readonly onAnswered: () => void;
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
    let shared: Decision[] = [];
    for (const delivery of deliveries) {
      for await (const decision of decideDelivery(deps, delivery, signal)) {
        shared.push(decision);
        if (!changesFacts(decision)) continue;
        await write(deps, shared);
        shared = [];
      }
    }
    await write(deps, shared);
  }
}

/**
 * Whether what is decided next may turn on this. Most decisions change nothing (other Apps' check runs), and share one
 * commit that way.
 */
function changesFacts(decision: Decision): boolean {
  const { deployments, decided, holds, released, cancelled, sightings, answers } = decision;
  const changes = [deployments, decided, holds, released, cancelled, sightings, answers];
  return !decision.isLast || changes.some(({ length }) => length > 0);
}

async function write(deps: DecisionDeps, decisions: readonly Decision[]): Promise<void> {
  if (decisions.length === 0) return;
  const made = await deps.facts.store.inbox.decide(decisions);
  const lanes = made.filter(({ state }) => state === "queued").map(({ lane }) => lane);
  if (lanes.length > 0) await deps.wakeDeployments(lanes);
  if (decisions.some(({ answers }) => answers.length > 0)) deps.onAnswered();
}

/** Decides what a delivery asks for, one after the other; what an earlier, interrupted run decided is left out. */
async function* decideDelivery(
  deps: DecisionDeps,
  delivery: Delivery,
  signal: AbortSignal,
): AsyncGenerator<Decision> {
  const decoded = await decodeSafely(deps, delivery);
  const { inbox } = deps.facts.store;
  // What is decided in one piece was not begun before.
  const before = decoded.length > 1 ? await inbox.outcomes(delivery.guid) : [];
  const left = decoded.slice(before.length);
  for (const [index, found] of left.entries()) {
    const isLast = index === left.length - 1;
    const ids = { delivery, isLast, intentId: deps.ids.next("int") };
    const decision = await decideOne(deps, { found, signal, ...ids });
    for (const { outcome } of decision.intents) logOutcome(deps.log, delivery, outcome);
    yield decision;
  }
  if (left.length === 0) {
    yield decisionOf(deps, { delivery, isLast: true, intentId: null, verdict: null });
  }
}

async function decideOne(
  deps: DecisionDeps,
  about: {
    readonly delivery: Delivery;
    readonly found: Decoded;
    readonly isLast: boolean;
    readonly intentId: string;
    readonly signal: AbortSignal;
  },
): Promise<Decision> {
  const { found } = about;
  switch (found.kind) {
    case "ignored":
      return decisionOf(deps, { ...about, verdict: verdict({ ...found, intent: null }) });
    case "sighting":
      return { ...decisionOf(deps, { ...about, verdict: null }), sightings: [found.sighting] };
    case "intent": {
      const reached = await reachVerdict(deps, found.intent, about.signal);
      return decisionOf(deps, { ...about, verdict: reached });
    }
  }
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
      return await decideIntent(deps.facts, intent);
    } catch (thrown) {
      const error = toSkepError(thrown);
      deps.log.warn({ err: error, delivery: intent.deliveryGuid, attempt }, "gathering facts");
      if (deps.clock.now() - startedAt >= patienceFor(error)) return giveUp(intent, error);
      await deps.clock.sleep(Math.min(500 * 2 ** attempt, 60_000), signal);
    }
  }
}

/** What could not be found out is refused; who asked by a comment is told. */
function giveUp(intent: Intent, { code, message, nextStep }: SkepError): Verdict {
  const refused = refusal(intent, code, message);
  if (intent.kind !== "command") return verdict(refused);
  const step = nextStep ?? "Try again later.";
  return verdict(refused, {
    answer: { kind: "refused", code, message, nextStep: step, suggestion: null },
  });
}

function logOutcome(log: Logger, delivery: Delivery, outcome: IntentRecord["outcome"]): void {
  const { guid, event, repositoryId } = delivery;
  const reason = outcome.kind === "accepted" ? null : outcome.code;
  log.info(
    { delivery: guid, event, repositoryId, outcome: outcome.kind, reason },
    "delivery decided",
  );
}

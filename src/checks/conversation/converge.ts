import { type SkepError, toSkepError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { ConversationKey, ConversationReport } from "../../store/conversation.ts";
import type { Store } from "../../store/ports.ts";
import type { InstallationBudgets } from "../installation-budgets.ts";
import { retryDelay } from "../retry-schedule.ts";
import { type Effect, nameOf, nextAcknowledgement, nextEffect } from "./next-effect.ts";
import { performEffect, type EffectDeps } from "./perform-effect.ts";
import {
  withCommentLost,
  withCommentRefused,
  withoutOld,
  withoutOutdated,
  withReactionRefused,
} from "./sent.ts";
import { gatherView, onTheirWay, type ConversationView } from "./view.ts";

/** How soon is looked again whether something is over that the comment shows. */
const LOOK_AGAIN_MS = 5_000;

/** What bringing a conversation up to date needs. */
export interface ConvergeDeps extends EffectDeps {
  readonly store: Pick<Store, "conversations" | "catalog" | "deployments">;
  readonly budgets: InstallationBudgets;
  readonly log: Logger;
  readonly baseUrl: string;
  /** True once the process shuts down: no further effect is begun. */
  readonly isClosing: () => boolean;
}

/**
 * Tells the authors of new comments that they were seen, and nothing else. What does not work is left to `converge`.
 * Rejects only when the store does.
 */
export async function acknowledge(deps: ConvergeDeps, key: ConversationKey): Promise<void> {
  for (;;) {
    const conversation = await deps.store.conversations.get(key);
    const effect = nextAcknowledgement(conversation);
    if (effect === null || deps.isClosing()) return;
    const { report } = conversation;
    if (!deps.budgets.take(report.repository.installationId, "acknowledgement")) return;
    if ((await attempt(deps, report, effect)) !== null) return;
  }
}

/**
 * Makes a pull request show what the store says of its commands, as far as that is possible now, and saves when to
 * look again. Rejects only when the store does.
 */
export async function converge(deps: ConvergeDeps, key: ConversationKey): Promise<void> {
  const setAside = new Set<string>();
  let failure: SkepError | null = null;
  for (;;) {
    const conversation = await deps.store.conversations.get(key);
    const { report } = conversation;
    const view = await gatherView(deps.store, conversation, deps.baseUrl);
    if (deps.isClosing()) return;
    const next = nextEffect(view, deps.clock.now(), setAside);
    if (next.kind !== "effect") {
      if (failure !== null) return postpone(deps, key, failure);
      const told = next.kind === "later" ? { nextAttemptAt: next.at } : whenTold(deps, view);
      return deps.reports.change(key, (now) => ({
        ...withoutOld(now, conversation.comments),
        attempts: 0,
        nextAttemptAt: 0,
        lastError: null,
        ...told,
      }));
    }
    const { installationId } = report.repository;
    // The store hands it out again when its reservation is over.
    if (!deps.budgets.take(installationId, next.urgency)) return;
    const error = await attempt(deps, report, next.effect);
    if (error === null) continue;
    failure = error;
    setAside.add(nameOf(next.effect));
    if (Number(error.details["retryAfterMs"] ?? 0) > 0) return postpone(deps, key, error);
  }
}

/** All is told; while something is on its way that nobody asked for here, its end is looked for. */
function whenTold(deps: ConvergeDeps, view: ConversationView): Partial<ConversationReport> {
  const { version, report } = view.conversation;
  if (report.statusCommentId === null || onTheirWay(view).length === 0) {
    return { sentVersion: version };
  }
  return { sentVersion: version - 1, nextAttemptAt: deps.clock.now() + LOOK_AGAIN_MS };
}

/** Puts a conversation off that could not be told. */
export async function postpone(
  deps: ConvergeDeps,
  key: ConversationKey,
  failure: SkepError,
): Promise<void> {
  await deps.reports.change(key, (report) => {
    const attempts = report.attempts + 1;
    const delay = retryDelay(attempts, Number(failure.details["retryAfterMs"] ?? 0));
    deps.log.warn(
      { ...about(report), attempts, delayMs: delay, err: failure },
      "answering on a pull request is repeated",
    );
    const nextAttemptAt = deps.clock.now() + delay;
    return { ...report, attempts, nextAttemptAt, lastError: failure.message };
  });
}

/** Performs one effect. What GitHub refuses for good is noted; what may work later is returned. */
async function attempt(
  deps: ConvergeDeps,
  report: ConversationReport,
  effect: Effect,
): Promise<SkepError | null> {
  try {
    await performEffect(deps, report, effect);
    return null;
  } catch (thrown) {
    const error = toSkepError(thrown);
    if (error.code !== "github_unavailable") throw thrown;
    const asked = Number(error.details["retryAfterMs"] ?? 0);
    if (asked > 0) deps.budgets.pause(report.repository.installationId, asked);
    if (error.retryable) return error;
    const isGone = error.details["status"] === 404;
    deps.log.warn(
      { ...about(report), effect: effect.kind, err: error },
      isGone && effect.kind === "update_comment"
        ? "the comment was deleted: a new one is made"
        : "GitHub refuses an answer",
    );
    await deps.reports.change(report, (now) => withRefusal(now, effect, isGone));
    return null;
  }
}

/** Notes what GitHub refuses for good, so that the rest goes on without it. */
function withRefusal(
  report: ConversationReport,
  effect: Effect,
  isGone: boolean,
): ConversationReport {
  switch (effect.kind) {
    case "react":
      return withReactionRefused(report, effect.commentId, effect.content);
    case "unreact":
      return withoutOutdated(report, effect.commentId);
    case "create_comment":
      return withCommentRefused(report, effect.comment);
    case "update_comment":
      // Somebody deleted it: the next pass makes a new one.
      return isGone ? withCommentLost(report) : withCommentRefused(report, effect.comment);
  }
}

function about({ repository, number }: ConversationReport) {
  return { repository: `${repository.owner}/${repository.name}`, pullRequest: number };
}

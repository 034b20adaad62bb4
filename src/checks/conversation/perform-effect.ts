import type { Clock } from "../../clock.ts";
import { withFaults, type Faults } from "../../faults.ts";
import type { ConversationReport } from "../../store/conversation.ts";
import type { Effect } from "./next-effect.ts";
import type { ConversationGitHub } from "./ports.ts";
import { MARKER, stampComment } from "./render-comment.ts";
import type { ReportKeeper } from "./report-keeper.ts";
import {
  sentComment,
  withCommentBegun,
  withCommentFound,
  withCommentSent,
  withoutOutdated,
  withReaction,
} from "./sent.ts";

/** What an effect needs. */
export interface EffectDeps {
  readonly github: ConversationGitHub;
  readonly reports: ReportKeeper;
  readonly clock: Clock;
  readonly faults: Faults;
}

/** GitHub's clock may be behind ours by this much. */
const CLOCK_SLACK_MS = 10 * 60_000;

/**
 * Does one thing on GitHub and saves that it was done. The comment that an earlier run may have made already is looked
 * up first; when it is found, nothing else is done. Reactions are the same however often they are made.
 */
export async function performEffect(
  deps: EffectDeps,
  report: ConversationReport,
  effect: Effect,
): Promise<void> {
  const { reports, clock } = deps;
  if (effect.kind === "create_comment") {
    const found = await lookUp(deps, report);
    if (found !== null) return reports.change(report, (now) => withCommentFound(now, found));
    await reports.change(report, (now) => withCommentBegun(now, clock.now()));
  }
  const moment = (): Promise<void> => clock.sleep(5);
  const act = (): Promise<Change> => carryOut(deps, report, effect);
  const change = await withFaults(deps.faults, effect.kind, moment, act);
  return reports.change(report, change);
}

type Change = (report: ConversationReport) => ConversationReport;

async function lookUp({ github }: EffectDeps, report: ConversationReport): Promise<number | null> {
  const { begunAt } = sentComment(report);
  if (begunAt === null) return null;
  const since = begunAt - CLOCK_SLACK_MS;
  return github.findComment(report.repository, report.number, { marker: MARKER, since });
}

/** Returns what the report has to tell afterwards. */
async function carryOut(
  { github, clock }: EffectDeps,
  { repository, number }: ConversationReport,
  effect: Effect,
): Promise<Change> {
  switch (effect.kind) {
    case "react": {
      const { commentId, content } = effect;
      const id = await github.createReaction(repository, commentId, content);
      return (report) => withReaction(report, { commentId, content, id });
    }
    case "unreact": {
      const { commentId, reactionId } = effect;
      await github.deleteReaction(repository, commentId, reactionId);
      return (report) => withoutOutdated(report, commentId);
    }
    case "create_comment": {
      const { comment } = effect;
      const at = clock.now();
      const id = await github.createComment(repository, number, stampComment(comment, at));
      return (report) => withCommentSent(report, { id, comment, at });
    }
    case "update_comment": {
      const { id, comment } = effect;
      const at = clock.now();
      await github.updateComment(repository, id, stampComment(comment, at));
      return (report) => withCommentSent(report, { id, comment, at });
    }
  }
}

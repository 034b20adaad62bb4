import type { Clock } from "../clock.ts";
import { isFinal } from "../deployment.ts";
import type { Ids } from "../ids.ts";
import type { PlannedDeployment, Verdict } from "../policy/verdict.ts";
import type { Decision, Delivery, NewDeployment } from "../store/ports.ts";
import type { Answer } from "../store/conversation.ts";

/** What a decision is made of; without a verdict it decides nothing. */
export interface DecisionParts {
  readonly delivery: Delivery;
  readonly isLast: boolean;
  readonly intentId: string | null;
  readonly verdict: Verdict | null;
}

/** Gives a verdict its identities and its time. */
export function decisionOf(
  deps: { readonly clock: Clock; readonly ids: Ids },
  { delivery, isLast, intentId, verdict }: DecisionParts,
): Decision {
  const at = deps.clock.now();
  const empty = { deliveryGuid: delivery.guid, at, isLast, sightings: [] };
  if (verdict === null || intentId === null) return { ...empty, ...NOTHING };
  const deployments = verdict.deployments.map((planned) => complete(deps, planned, intentId, at));
  const deploymentId = deployments[0]?.id ?? "";
  return {
    ...empty,
    ...NOTHING,
    intents: [{ id: intentId, deliveryGuid: delivery.guid, outcome: verdict.outcome, at }],
    deployments,
    decided: verdict.decided,
    decidedSha: verdict.decidedSha,
    decidedVersion: verdict.decidedVersion,
    holds: verdict.holds.map(({ environment, hold }) => ({
      environment,
      hold: hold && { ...hold, deploymentId, since: at },
    })),
    released: verdict.released,
    cancelled: verdict.cancelled,
    answers: answersOf(verdict, { intentId, deploymentId, at }),
  };
}

const NOTHING = {
  intents: [],
  deployments: [],
  decided: [],
  decidedSha: null,
  decidedVersion: null,
  holds: [],
  released: [],
  cancelled: [],
  answers: [],
};

function complete(
  { ids }: { readonly ids: Ids },
  planned: PlannedDeployment,
  intentId: string,
  at: number,
): NewDeployment {
  return {
    ...planned,
    id: ids.next("dep"),
    intentId,
    phase: null,
    phases: [],
    plan: [],
    supersededBy: null,
    previousDeploymentId: null,
    cancelledBy: null,
    createdAt: at,
    startedAt: null,
    finishedAt: isFinal(planned.state) ? at : null,
    tasksRunningAt: null,
  };
}

function answersOf(
  { outcome, answer }: Verdict,
  about: { readonly intentId: string; readonly deploymentId: string; readonly at: number },
): readonly Answer[] {
  const { intent } = outcome;
  if (answer === null || intent?.kind !== "command") return [];
  const { intentId, deploymentId, at } = about;
  const { comment, line, text } = intent;
  const result = answer.kind === "made" ? { kind: "deployment" as const, deploymentId } : answer;
  return [{ intentId, comment, line, text, at, result }];
}

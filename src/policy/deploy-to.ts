import type { Annotation, Hold } from "../deployment.ts";
import type { PushIntent, TagIntent } from "../intent.ts";
import type { Outcome } from "../store/ports.ts";
import { refuseConfig, refuseStack } from "./plan-deployment.ts";
import { refusal, verdict, type PlannedDeployment, type Verdict } from "./verdict.ts";

/** An environment as something is deployed to it by itself, without anybody's command. */
export interface Target {
  readonly name: string;
  readonly stackName: string;
  readonly url: string | null;
  /** Whether the stack's name is this environment's own. */
  readonly ownsStack: boolean;
  /** What keeps automatic deployments away; they wait. */
  readonly hold: Hold | null;
}

/** What a push or a tag is deployed with. */
export interface Wish<T extends Target> {
  readonly targets: readonly T[];
  readonly plan: (target: T) => PlannedDeployment;
  /** Problems of the configuration; when there are any, nothing is deployed. */
  readonly problems: readonly Annotation[];
  readonly moves: Pick<Verdict, "decided" | "decidedSha" | "decidedVersion">;
}

/** A deployment for each target: queued, or waiting where it is held, or refused. Pure. */
export function deployTo<T extends Target>(
  intent: PushIntent | TagIntent,
  { targets, plan, problems, moves }: Wish<T>,
): Verdict {
  if (problems.length > 0) {
    const outcome = refusal(intent, "config_invalid", "the configuration has problems");
    const deployments = targets.map((target) => refuseConfig(plan(target), problems));
    return verdict(outcome, { ...moves, deployments });
  }
  const deployments = targets.map((target) => {
    const planned = plan(target);
    if (!target.ownsStack) return refuseStack(planned);
    return target.hold === null ? planned : wait(planned, target.hold);
  });
  const isAccepted = deployments.some(({ state }) => state !== "refused");
  const outcome: Outcome = isAccepted
    ? { kind: "accepted", intent }
    : refusal(intent, "stack_not_owned", "the stack belongs to another environment");
  return verdict(outcome, { ...moves, deployments });
}

function wait(planned: PlannedDeployment, hold: Hold): PlannedDeployment {
  return { ...planned, state: "waiting", waitingFor: hold };
}

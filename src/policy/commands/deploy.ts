import type { CommandIntent } from "../../intent.ts";
import { planDeployment, refuseConfig, refuseStack } from "../plan-deployment.ts";
import { refusal, verdict, type Verdict } from "../verdict.ts";
import type { DeployFacts } from "./command-facts.ts";

/** The verdict on `/deploy`: the deployment, with which the environment is not held any more. Pure. */
export function decideDeploy(intent: CommandIntent, facts: DeployFacts): Verdict {
  const { repository, actor, comment } = intent;
  const { commit, place, problems, warnings } = facts;
  const { app, environment, policySha, ownsStack } = place;
  const { headOf, ...named } = commit;
  const planned = planDeployment({
    ...named,
    origin: { kind: "comment", pullRequest: comment.number },
    repository,
    app,
    environment,
    actor,
    policySha,
    warnings,
    but: { headOf },
  });
  const answer = { kind: "made" } as const;
  if (problems.length > 0) {
    const outcome = refusal(intent, "config_invalid", "the configuration has problems");
    return verdict(outcome, { deployments: [refuseConfig(planned, problems)], answer });
  }
  if (!ownsStack) {
    const outcome = refusal(intent, "stack_not_owned", "the stack belongs to another environment");
    return verdict(outcome, { deployments: [refuseStack(planned)], answer });
  }
  const key = { repositoryId: repository.id, app, environment: environment.name };
  const holds = [{ environment: key, hold: null }];
  return verdict({ kind: "accepted", intent }, { deployments: [planned], holds, answer });
}

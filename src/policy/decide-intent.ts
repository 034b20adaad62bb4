import type { Intent } from "../intent.ts";
import { decideCommand } from "./commands/decide-command.ts";
import { gatherCommandFacts } from "./commands/gather-command-facts.ts";
import { gatherRetryFacts } from "./commands/gather-retry-facts.ts";
import { gatherRollBackButtonFacts } from "./commands/gather-rollback-facts.ts";
import { decideRetryButton } from "./commands/retry.ts";
import { decideRollBackButton } from "./commands/rollback.ts";
import { decidePush } from "./pushes/decide-push.ts";
import type { FactSources } from "./ports.ts";
import { gatherPushFacts } from "./pushes/gather-push-facts.ts";
import { decideGitHubDeployment } from "./github-deployments/decide-github-deployment.ts";
import { gatherGitHubDeploymentFacts } from "./github-deployments/gather-github-deployment-facts.ts";
import { decideTag } from "./tags/decide-tag.ts";
import { gatherTagFacts } from "./tags/gather-tag-facts.ts";
import type { Verdict } from "./verdict.ts";

/** Reads what an intent is decided on, and decides it. Throws what the sources of facts throw. */
export async function decideIntent(from: FactSources, intent: Intent): Promise<Verdict> {
  switch (intent.kind) {
    case "push":
      return decidePush(intent, await gatherPushFacts(from, intent));
    case "retry":
      return decideRetryButton(intent, await gatherRetryFacts(from, intent));
    case "roll_back":
      return decideRollBackButton(intent, await gatherRollBackButtonFacts(from, intent));
    case "command":
      return decideCommand(intent, await gatherCommandFacts(from, intent));
    case "tag":
      return decideTag(intent, await gatherTagFacts(from, intent));
    case "github_deployment":
      return decideGitHubDeployment(intent, await gatherGitHubDeploymentFacts(from, intent));
  }
}

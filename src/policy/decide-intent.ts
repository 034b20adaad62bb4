import type { Intent } from "../intent.ts";
import { decidePush, decideRetry } from "./decide.ts";
import { gatherPushFacts, gatherRetryFacts, type FactSources } from "./facts.ts";
import { ignoring, type Verdict } from "./verdict.ts";

/** Reads what an intent is decided on, and decides it. Throws what the sources of facts throw. */
export async function decideIntent(from: FactSources, intent: Intent): Promise<Verdict> {
  switch (intent.kind) {
    case "push":
      return decidePush(intent, await gatherPushFacts(from, intent));
    case "retry":
      return decideRetry(intent, await gatherRetryFacts(from, intent));
    case "tag":
    case "github_deployment":
    case "roll_back":
    case "command":
      return ignoring(intent, "event_ignored", "nothing follows from it yet");
  }
}

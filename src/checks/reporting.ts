import type { Clock } from "../clock.ts";
import type { Faults } from "../faults.ts";
import type { ClientDeps } from "../github/client.ts";
import type { Logger } from "../logger.ts";
import type { Store } from "../store/ports.ts";
import { createConversationReporter } from "./conversation/conversation-reporter.ts";
import { createOctokitConversations } from "./conversation/github.ts";
import { createOctokitGitHub } from "./github.ts";
import { createInstallationBudgets } from "./installation-budgets.ts";
import { createReporter } from "./reporter.ts";

/** All that Skep tells on GitHub: deployments, and the answers to commands. */
export interface Reporting {
  start(): void;
  /** Asks it to look at the pull requests now: a comment was seen, or answered. */
  kickConversations(): void;
  /** Begins nothing new; resolves when what was begun has ended. */
  close(): Promise<void>;
}

/** Makes both reporters on one client, within one budget for each installation. */
export function createReporting(deps: {
  readonly store: Store;
  readonly client: ClientDeps;
  readonly appId: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly faults: Faults;
  /** Where Skep's own pages are, without a slash at the end. */
  readonly baseUrl: string;
}): Reporting {
  const { store, client, clock, log, faults, baseUrl } = deps;
  const shared = { store, clock, log, faults, baseUrl, budgets: createInstallationBudgets(clock) };
  const deployments = createReporter({ ...shared, github: createOctokitGitHub(client) });
  const conversations = createConversationReporter({
    ...shared,
    github: createOctokitConversations({ ...client, appId: deps.appId }),
  });
  return {
    start() {
      deployments.start();
      conversations.start();
    },
    kickConversations: () => conversations.kick(),
    async close() {
      await Promise.all([deployments.close(), conversations.close()]);
    },
  };
}

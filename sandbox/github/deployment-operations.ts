import { addUser } from "./accounts.ts";
import { addDeployment } from "./deployments.ts";
import { holdsRole } from "./granted-role.ts";
import { findOtherApp } from "./hub.ts";
import { addOtherApp, type NewOtherApp } from "./other-apps.ts";
import { type RepositoryName, requireRepository } from "./repository-name.ts";
import type { Deployment } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** Deployments that somebody else than our App asks for. */
export interface DeploymentOperations {
  /** Installs another App on an account; its bot may make deployments and comment with this token. */
  addOtherApp(app: NewOtherApp): { readonly login: string; readonly token: string };
  /**
   * Asks for a deployment without waiting for checks, as a person who may write or as another App's
   * bot; throws with GitHub's reason when it is refused.
   */
  requestDeployment(
    use: RepositoryName & {
      readonly ref: string;
      readonly environment: string;
      readonly user?: string;
      readonly task?: string;
      readonly description?: string;
      readonly payload?: Deployment["payload"];
    },
  ): Promise<Deployment>;
}

/** Creates the operations over a hub. */
export function createDeploymentOperations(hub: LiveHub): DeploymentOperations {
  return {
    addOtherApp: (app) => addOtherApp(hub, app),
    requestDeployment: async (use) => {
      const repository = requireRepository(hub, use);
      const creator = addUser(hub, { login: use.user ?? use.owner }).login;
      if (!findOtherApp(hub, creator) && !holdsRole(repository, creator, "write"))
        throw new Error(
          `requesting a deployment: ${creator} may not write to ${use.owner}/${use.repo}`,
        );
      const asked = {
        ref: use.ref,
        task: use.task ?? "deploy",
        environment: use.environment,
        description: use.description ?? null,
        payload: use.payload ?? "",
        autoMerge: false,
        requiredContexts: [],
        isTransient: false,
        isProduction: use.environment === "production",
      };
      const outcome = await addDeployment(hub, { repository, creator, asked });
      if (outcome.kind === "created") return outcome.deployment;
      throw new Error(`requesting a deployment: ${outcome.message}`);
    },
  };
}

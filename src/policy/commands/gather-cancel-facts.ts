import type { Deployment } from "../../deployment.ts";
import { DEPLOYMENT_STATES, isFinal } from "../../deployment.ts";
import type { FactSources } from "../ports.ts";
import type { CancelFacts } from "./command-facts.ts";
import { newestDeployment } from "./newest-deployment.ts";

const OPEN = DEPLOYMENT_STATES.filter((state) => !isFinal(state));

/**
 * The newest deployment that is not over in each environment of a repository, also in those that the policy has not any
 * more: what was begun there, or waits there, can still be ended.
 */
export async function openDeployments(
  from: FactSources,
  repositoryId: number,
): Promise<readonly Deployment[]> {
  const records = await from.store.catalog.environmentsOf(repositoryId);
  const newest = await Promise.all(records.map((key) => newestDeployment(from, key, OPEN)));
  return newest.filter((deployment) => deployment !== null);
}

/** What `/cancel` is decided on: of several apps that an environment has had, the one of now counts first. */
export function cancelFacts(
  open: readonly Deployment[],
  about: { readonly app: string; readonly environment: string },
): CancelFacts {
  const { app, environment } = about;
  const here = open.filter((deployment) => deployment.environment === environment);
  const newest = here.find((deployment) => deployment.app === app) ?? here[0] ?? null;
  return { kind: "cancel", environment, newest };
}

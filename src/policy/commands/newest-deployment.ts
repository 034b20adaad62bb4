import type { Deployment, DeploymentState } from "../../deployment.ts";
import { laneOf } from "../../deployment.ts";
import type { EnvironmentKey } from "../../store/ports.ts";
import type { FactSources } from "../ports.ts";

/** The newest deployment of an environment in one of the states; null when there is none. */
export async function newestDeployment(
  { store }: FactSources,
  { repositoryId, app, environment }: EnvironmentKey,
  states: readonly DeploymentState[],
): Promise<Deployment | null> {
  const lane = laneOf(repositoryId, app, environment);
  const [newest] = await store.deployments.list({ lane, states, limit: 1 });
  return newest ?? null;
}

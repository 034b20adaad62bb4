import type { JsonObject } from "../../contract/json-value.ts";
import { type Hub, nodeId } from "../hub.ts";
import type { Deployment, DeploymentStatus, Repository } from "../state.ts";
import { formatAccount } from "./account.ts";
import { formatPerformer } from "./app.ts";
import { repositoryApi } from "./repository.ts";

/** A deployment as GitHub's `deployment`. */
export function formatDeployment(hub: Hub, repository: Repository, one: Deployment): JsonObject {
  const url = `${repositoryApi(hub, repository)}/deployments/${one.id}`;
  return {
    url,
    id: one.id,
    node_id: nodeId("Deployment", one.id),
    task: one.task,
    original_environment: one.environment,
    environment: one.environment,
    description: one.description,
    created_at: one.createdAt,
    updated_at: one.updatedAt,
    statuses_url: `${url}/statuses`,
    repository_url: repositoryApi(hub, repository),
    creator: formatAccount(hub, one.creator),
    sha: one.sha,
    ref: one.ref,
    payload: one.payload,
    transient_environment: one.isTransient,
    production_environment: one.isProduction,
    performed_via_github_app: formatPerformer(hub, one.creator),
  };
}

/** A deployment's status as GitHub's `deployment-status`. */
export function formatDeploymentStatus(
  hub: Hub,
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
): JsonObject {
  const url = `${repositoryApi(hub, repository)}/deployments/${deployment.id}`;
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId("DeploymentStatus", status.id),
    state: status.state,
    creator: formatAccount(hub, status.creator),
    description: status.description,
    environment: deployment.environment,
    target_url: status.logUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: url,
    repository_url: repositoryApi(hub, repository),
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    performed_via_github_app: formatPerformer(hub, status.creator),
  };
}

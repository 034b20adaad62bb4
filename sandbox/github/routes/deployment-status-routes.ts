import type { Context, Hono } from "hono";
import { z } from "zod";
import { notFound } from "../api-error.ts";
import { accessRepository, callerLogin, type Env } from "../caller.ts";
import { formatDeployment, formatDeploymentStatus } from "../format/deployment.ts";
import { nextId, timestamp } from "../hub.ts";
import { paginate } from "../pagination.ts";
import type { Deployment, DeploymentStatus, Repository } from "../state.ts";
import type { LiveHub } from "../webhooks.ts";
import { readBody } from "./body.ts";
import { deploymentOf } from "./deployment-routes.ts";

const creation = z.object({
  state: z.enum(["error", "failure", "inactive", "in_progress", "queued", "pending", "success"]),
  target_url: z.string().default(""),
  log_url: z.string().default(""),
  description: z.string().max(140, "is too long (maximum is 140 characters)").default(""),
  environment: z.string().optional(),
  environment_url: z.string().default(""),
  auto_inactive: z.boolean().default(true),
});

/** The statuses of a deployment. */
export function addDeploymentStatusRoutes(api: Hono<Env>, hub: LiveHub): void {
  const base = "/repos/:owner/:repo/deployments/:id{[0-9]+}/statuses";
  api.post(base, (c) => createStatus(hub, c));
  api.get(base, (c) => {
    const repository = accessRepository(hub, c, ["deployments", "read"]);
    const deployment = deploymentOf(hub, repository, c);
    const statuses = hub.state.deploymentStatuses.filter(
      (one) => one.deploymentId === deployment.id,
    );
    return c.json(
      paginate(c, statuses.toReversed()).map((one) =>
        formatDeploymentStatus(hub, repository, deployment, one),
      ),
    );
  });
  api.get(`${base}/:status{[0-9]+}`, (c) => {
    const repository = accessRepository(hub, c, ["deployments", "read"]);
    const deployment = deploymentOf(hub, repository, c);
    const id = Number(c.req.param("status"));
    const found = hub.state.deploymentStatuses.find(
      (one) => one.id === id && one.deploymentId === deployment.id,
    );
    if (!found) throw notFound();
    return c.json(formatDeploymentStatus(hub, repository, deployment, found));
  });
}

async function createStatus(hub: LiveHub, c: Context<Env>): Promise<Response> {
  const repository = accessRepository(hub, c, ["deployments", "write"]);
  const deployment = deploymentOf(hub, repository, c);
  const asked = await readBody(c, creation, "DeploymentStatus");
  if (asked.environment !== undefined) deployment.environment = asked.environment;
  const creator = callerLogin(hub, c.get("caller"));
  const status = addStatus(hub, repository, {
    deployment,
    creator,
    state: asked.state,
    description: asked.description,
    logUrl: asked.log_url || asked.target_url,
    environmentUrl: asked.environment_url,
  });
  if (asked.state === "success" && asked.auto_inactive)
    deactivateOlder(hub, repository, deployment, creator);
  return c.json(formatDeploymentStatus(hub, repository, deployment, status), 201);
}

type NewStatus = Omit<DeploymentStatus, "id" | "deploymentId" | "createdAt"> & {
  readonly deployment: Deployment;
};

function addStatus(
  hub: LiveHub,
  repository: Repository,
  { deployment, ...fields }: NewStatus,
): DeploymentStatus {
  const now = timestamp(hub.now());
  const status = { ...fields, id: nextId(hub), deploymentId: deployment.id, createdAt: now };
  deployment.updatedAt = now;
  hub.state.deploymentStatuses.push(status);
  hub.changed();
  const payload = {
    action: "created",
    deployment_status: formatDeploymentStatus(hub, repository, deployment, status),
    deployment: formatDeployment(hub, repository, deployment),
    check_run: null,
    workflow: null,
    workflow_run: null,
  };
  hub.emit({ event: "deployment_status", repository, sender: status.creator, payload });
  return status;
}

/** GitHub does this only for older successes that are neither transient nor production. */
function deactivateOlder(
  hub: LiveHub,
  repository: Repository,
  current: Deployment,
  creator: string,
): void {
  const newestState = (deployment: Deployment) =>
    hub.state.deploymentStatuses.findLast((one) => one.deploymentId === deployment.id)?.state;
  const older = hub.state.deployments.filter(
    (one) =>
      one.repositoryId === repository.id &&
      one.environment === current.environment &&
      one.id < current.id &&
      !one.isTransient &&
      !one.isProduction &&
      newestState(one) === "success",
  );
  for (const deployment of older) {
    addStatus(hub, repository, {
      deployment,
      creator,
      state: "inactive",
      description: "",
      logUrl: "",
      environmentUrl: "",
    });
  }
}

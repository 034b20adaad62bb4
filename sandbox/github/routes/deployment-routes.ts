import type { Context, Hono } from "hono";
import { z } from "zod";
import { apiError, notFound } from "../api-error.ts";
import { accessRepository, callerLogin, type Env } from "../caller.ts";
import { addDeployment } from "../deployments.ts";
import { formatDeployment } from "../format/deployment.ts";
import { paginate } from "../pagination.ts";
import type { Deployment, Repository } from "../state.ts";
import type { LiveHub } from "../webhooks.ts";
import { readBody } from "./body.ts";

const creation = z.object({
  ref: z.string(),
  task: z.string().default("deploy"),
  auto_merge: z.boolean().default(true),
  required_contexts: z.array(z.string()).nullish(),
  payload: z.union([z.record(z.string(), z.unknown()), z.string()]).default(""),
  environment: z.string().default("production"),
  description: z.string().max(140, "is too long (maximum is 140 characters)").nullish(),
  transient_environment: z.boolean().default(false),
  production_environment: z.boolean().optional(),
});

/** Deployments; their statuses are routes of their own. */
export function addDeploymentRoutes(api: Hono<Env>, hub: LiveHub): void {
  api.post("/repos/:owner/:repo/deployments", (c) => createDeployment(hub, c));
  api.get("/repos/:owner/:repo/deployments", (c) => {
    const repository = accessRepository(hub, c, ["deployments", "read"]);
    const wanted = {
      sha: c.req.query("sha"),
      ref: c.req.query("ref"),
      task: c.req.query("task"),
      environment: c.req.query("environment"),
    };
    const is = (asked: string | undefined, value: string) =>
      asked === undefined || asked === "none" || asked === value;
    const all = hub.state.deployments
      .filter((one) => one.repositoryId === repository.id)
      .filter(
        (one) =>
          is(wanted.sha, one.sha) &&
          is(wanted.ref, one.ref) &&
          is(wanted.task, one.task) &&
          is(wanted.environment, one.environment),
      )
      .toReversed();
    return c.json(paginate(c, all).map((one) => formatDeployment(hub, repository, one)));
  });
  api.get("/repos/:owner/:repo/deployments/:id{[0-9]+}", (c) => {
    const repository = accessRepository(hub, c, ["deployments", "read"]);
    return c.json(formatDeployment(hub, repository, deploymentOf(hub, repository, c)));
  });
  api.delete("/repos/:owner/:repo/deployments/:id{[0-9]+}", (c) => {
    const repository = accessRepository(hub, c, ["deployments", "write"]);
    const found = deploymentOf(hub, repository, c);
    const { state } = hub;
    const newest = state.deploymentStatuses.findLast((one) => one.deploymentId === found.id);
    const isOnly =
      state.deployments.filter((one) => one.repositoryId === repository.id).length === 1;
    if (!isOnly && newest && newest.state !== "inactive") {
      throw apiError(
        422,
        "We cannot delete an active deployment unless it is the only deployment in a given environment.",
      );
    }
    state.deployments.splice(state.deployments.indexOf(found), 1);
    hub.changed();
    return c.body(null, 204);
  });
}

/** The deployment that a route names; throws GitHub's 404. */
export function deploymentOf(hub: LiveHub, repository: Repository, c: Context<Env>): Deployment {
  const id = Number(c.req.param("id"));
  const found = hub.state.deployments.find(
    (one) => one.id === id && one.repositoryId === repository.id,
  );
  if (!found) throw notFound();
  return found;
}

async function createDeployment(hub: LiveHub, c: Context<Env>): Promise<Response> {
  const repository = accessRepository(hub, c, ["deployments", "write"]);
  const asked = await readBody(c, creation, "Deployment");
  const creator = callerLogin(hub, c.get("caller"));
  const outcome = await addDeployment(hub, {
    repository,
    creator,
    asked: {
      ref: asked.ref,
      task: asked.task,
      environment: asked.environment,
      description: asked.description ?? null,
      payload: asked.payload,
      autoMerge: asked.auto_merge,
      requiredContexts: asked.required_contexts ?? undefined,
      isTransient: asked.transient_environment,
      isProduction: asked.production_environment ?? asked.environment === "production",
    },
  });
  switch (outcome.kind) {
    case "created":
      return c.json(formatDeployment(hub, repository, outcome.deployment), 201);
    case "merged":
      return c.json({ message: outcome.message }, 202);
    case "refused":
      throw apiError(outcome.status, outcome.message);
  }
}

import type { Context, Hono } from "hono";
import { z } from "zod";
import { apiError, notFound } from "../api-error.ts";
import { accessRepository, callerLogin, type Env } from "../caller.ts";
import { findBlockingContexts } from "../deployment-gates.ts";
import { formatDeployment } from "../format/deployment.ts";
import { resolveCommit, tryGit } from "../git.ts";
import { gitDirectory, nextId, timestamp } from "../hub.ts";
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
  const directory = gitDirectory(hub, repository);
  const sha = await resolveCommit(directory, asked.ref);
  if (sha === undefined) throw apiError(422, `No ref found for: ${asked.ref}`);
  if (asked.auto_merge && (await isBehind(directory, repository, asked.ref, sha))) {
    // GitHub would now merge the default branch into the ref and create nothing.
    return c.json(
      { message: `Auto-merged ${repository.defaultBranch} into ${asked.ref} on deployment.` },
      202,
    );
  }
  const blocking = findBlockingContexts(hub, {
    repository,
    sha,
    required: asked.required_contexts ?? undefined,
  });
  if (blocking.length > 0) {
    const contexts = blocking.join(", ");
    throw apiError(409, `Conflict: Commit status checks failed for ${asked.ref}: ${contexts}`);
  }
  const now = timestamp(hub.now());
  const deployment: Deployment = {
    id: nextId(hub),
    repositoryId: repository.id,
    sha,
    ref: asked.ref,
    task: asked.task,
    environment: asked.environment,
    description: asked.description ?? null,
    payload: asked.payload,
    isTransient: asked.transient_environment,
    isProduction: asked.production_environment ?? asked.environment === "production",
    creator: callerLogin(hub, c.get("caller")),
    createdAt: now,
    updatedAt: now,
  };
  hub.state.deployments.push(deployment);
  hub.changed();
  const formatted = formatDeployment(hub, repository, deployment);
  const payload = { action: "created", deployment: formatted, workflow: null, workflow_run: null };
  hub.emit({ event: "deployment", repository, sender: deployment.creator, payload });
  return c.json(formatted, 201);
}

/** Whether a branch lacks commits of the default branch; a bare commit or a tag cannot be merged into. */
async function isBehind(
  directory: string,
  repository: Repository,
  ref: string,
  sha: string,
): Promise<boolean> {
  const branch = ref.replace(/^refs\/heads\//, "");
  if (branch === repository.defaultBranch) return false;
  const isBranch = await tryGit(directory, ["show-ref", "--verify", `refs/heads/${branch}`]);
  const head = await resolveCommit(directory, repository.defaultBranch);
  if (isBranch === undefined || head === undefined) return false;
  return (await tryGit(directory, ["merge-base", "--is-ancestor", head, sha])) === undefined;
}

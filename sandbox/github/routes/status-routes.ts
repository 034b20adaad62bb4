import type { Hono } from "hono";
import { z } from "zod";
import type { JsonObject } from "../../contract/json-value.ts";
import { accessRepository, callerLogin, type Env } from "../caller.ts";
import { formatAccount } from "../format/account.ts";
import { formatRepository, repositoryApi } from "../format/repository.ts";
import { type Hub, nextId, nodeId, timestamp } from "../hub.ts";
import { paginate } from "../pagination.ts";
import type { CommitStatus, Repository } from "../state.ts";
import { readBody } from "./body.ts";
import { type CommitChild, requireCommit } from "./commit-routes.ts";

const creation = z.object({
  state: z.enum(["error", "failure", "pending", "success"]),
  target_url: z.string().nullish(),
  description: z.string().max(140, "is too long (maximum is 140 characters)").nullish(),
  context: z.string().default("default"),
});

/** Commit statuses. */
export function addStatusRoutes(api: Hono<Env>, hub: Hub): void {
  api.post("/repos/:owner/:repo/statuses/:sha", async (c) => {
    const repository = accessRepository(hub, c, ["statuses", "write"]);
    const asked = await readBody(c, creation, "Status");
    const status: CommitStatus = {
      id: nextId(hub),
      repositoryId: repository.id,
      sha: await requireCommit(hub, repository, c.req.param("sha")),
      state: asked.state,
      context: asked.context,
      description: asked.description ?? null,
      targetUrl: asked.target_url ?? null,
      creator: callerLogin(hub, c.get("caller")),
      createdAt: timestamp(hub.now()),
    };
    hub.state.commitStatuses.push(status);
    hub.changed();
    return c.json(formatStatus(hub, repository, status), 201);
  });
}

/** The statuses of a commit, all or combined. */
export function createStatusLists(hub: Hub): Readonly<Record<string, CommitChild>> {
  return {
    statuses: async (c, ref) => {
      const repository = accessRepository(hub, c, ["statuses", "read"]);
      const sha = await requireCommit(hub, repository, ref);
      const all = statusesOf(hub, repository, sha);
      return c.json(paginate(c, all).map((one) => formatStatus(hub, repository, one)));
    },
    status: async (c, ref) => {
      const repository = accessRepository(hub, c, ["statuses", "read"]);
      const sha = await requireCommit(hub, repository, ref);
      const all = statusesOf(hub, repository, sha);
      const newest = all.filter(
        (one, i) => all.findIndex((other) => other.context === one.context) === i,
      );
      const url = `${repositoryApi(hub, repository)}/commits/${sha}`;
      return c.json({
        state: combine(newest),
        statuses: paginate(c, newest).map((one) => ({
          ...formatStatus(hub, repository, one),
          required: null,
        })),
        sha,
        total_count: newest.length,
        repository: formatRepository(hub, repository),
        commit_url: url,
        url: `${url}/status`,
      });
    },
  };
}

function statusesOf(hub: Hub, repository: Repository, sha: string): CommitStatus[] {
  return hub.state.commitStatuses
    .filter((one) => one.repositoryId === repository.id && one.sha === sha)
    .toReversed();
}

function combine(newest: readonly CommitStatus[]): string {
  if (newest.some((one) => one.state === "error" || one.state === "failure")) return "failure";
  return newest.length > 0 && newest.every((one) => one.state === "success")
    ? "success"
    : "pending";
}

function formatStatus(hub: Hub, repository: Repository, status: CommitStatus): JsonObject {
  const creator = formatAccount(hub, status.creator);
  return {
    url: `${repositoryApi(hub, repository)}/statuses/${status.sha}`,
    avatar_url: creator.avatar_url,
    id: status.id,
    node_id: nodeId("StatusContext", status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    creator,
  };
}

import { Hono } from "hono";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import type { Contract } from "../contract/contract.ts";
import { notFound } from "./api-error.ts";
import { type Env, identifyCaller } from "./caller.ts";
import { recordRequests } from "./request-recorder.ts";
import type { RequestLog } from "./request-log.ts";
import { addAccountRoutes } from "./routes/account-routes.ts";
import { addAppRoutes } from "./routes/app-routes.ts";
import { addBranchRoutes } from "./routes/branch-routes.ts";
import { addCheckSuiteRoutes, createCheckLists } from "./routes/check-list-routes.ts";
import { addCheckRunRoutes } from "./routes/check-run-routes.ts";
import { addCommitRoutes } from "./routes/commit-routes.ts";
import { addContentsRoutes } from "./routes/contents-routes.ts";
import { addDeploymentRoutes } from "./routes/deployment-routes.ts";
import { addDeploymentStatusRoutes } from "./routes/deployment-status-routes.ts";
import { addHookRoutes } from "./routes/hook-routes.ts";
import { addIssueRoutes } from "./routes/issue-routes.ts";
import { addPullRoutes, createPullLists } from "./routes/pull-routes.ts";
import { addReactionRoutes } from "./routes/reaction-routes.ts";
import { addRefRoutes } from "./routes/ref-routes.ts";
import { addReleaseRoutes } from "./routes/release-routes.ts";
import { addStatusRoutes, createStatusLists } from "./routes/status-routes.ts";
import type { LiveHub, Webhooks } from "./webhooks.ts";

/** Paths of the API where it is served without its prefix, beside the pages. */
const unprefixed = [
  "/app",
  "/app/*",
  "/installation/*",
  "/repos/*",
  "/users/*",
  "/rate_limit",
  "/meta",
];

/** Creates GitHub's REST API under `/api/v3` and under `/`. */
export function createApi(
  hub: LiveHub,
  tools: {
    readonly webhooks: Webhooks;
    readonly requests: RequestLog;
    readonly contract: Contract | undefined;
  },
): Hono<Env> {
  const api = createRoutes(hub, tools.webhooks);
  const root = new Hono<Env>();
  root.onError((error) => {
    if (error instanceof HTTPException) return error.getResponse();
    console.error(error);
    return Response.json({ message: "Server Error" }, { status: 500 });
  });
  const record = recordRequests(tools.requests, tools.contract);
  for (const path of ["/api/v3/*", ...unprefixed]) {
    root.use(path, record, etag({ retainedHeaders: ["link", "date"] }), async (c, next) => {
      c.set("caller", identifyCaller(hub, c.req.header("authorization")));
      await next();
    });
  }
  root.route("/api/v3", api);
  root.route("/", api);
  for (const path of ["/api/v3/*", ...unprefixed]) {
    root.all(path, () => {
      throw notFound();
    });
  }
  return root;
}

function createRoutes(hub: LiveHub, webhooks: Webhooks): Hono<Env> {
  const api = new Hono<Env>();
  addAppRoutes(api, hub);
  addHookRoutes(api, hub, webhooks);
  addAccountRoutes(api, hub);
  addCheckSuiteRoutes(api, hub);
  addStatusRoutes(api, hub);
  addCommitRoutes(api, hub, {
    ...createCheckLists(hub),
    ...createStatusLists(hub),
    ...createPullLists(hub),
  });
  addContentsRoutes(api, hub);
  addBranchRoutes(api, hub);
  addRefRoutes(api, hub);
  addReleaseRoutes(api, hub);
  addCheckRunRoutes(api, hub);
  addIssueRoutes(api, hub);
  addReactionRoutes(api, hub);
  addPullRoutes(api, hub);
  addDeploymentStatusRoutes(api, hub);
  addDeploymentRoutes(api, hub);
  return api;
}

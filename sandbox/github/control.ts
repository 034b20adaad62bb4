import type { Context, Hono } from "hono";
import { z } from "zod";
import type { Env } from "./caller.ts";
import { addIssueControls, type PostControl } from "./control-issues.ts";
import type { Faults } from "./faults.ts";
import { renderAvatar } from "./pages/avatar.ts";
import type { Operations } from "./operations.ts";
import { findProblems } from "./problems.ts";
import type { RequestLog } from "./request-log.ts";
import { readBody } from "./routes/body.ts";
import { roles } from "./state.ts";
import { formatDelivery, type LiveHub, type Webhooks } from "./webhooks.ts";

const name = z.object({ owner: z.string(), repo: z.string() });
const use = name.extend({ checkRunId: z.number(), user: z.string().exactOptional() });

const schemas = {
  user: z.object({
    login: z.string(),
    name: z.string().exactOptional(),
    email: z.string().exactOptional(),
    type: z.enum(["User", "Organization", "Bot"]).exactOptional(),
    token: z.string().exactOptional(),
  }),
  repository: z.object({
    owner: z.string(),
    name: z.string(),
    private: z.boolean().exactOptional(),
  }),
  permission: name.extend({ user: z.string(), role: z.string().optional() }),
  role: name.extend({ name: z.string(), base: z.enum(roles) }),
  installation: z.object({ owner: z.string(), repositories: z.array(z.string()).exactOptional() }),
  webhook: z.object({ url: z.string() }),
  push: name.extend({
    files: z.record(z.string(), z.string().optional()),
    branch: z.string().exactOptional(),
    message: z.string().exactOptional(),
    user: z.string().exactOptional(),
  }),
  click: use.extend({ identifier: z.string() }),
  rerequest: use,
  mode: z.object({
    events: z.array(z.string()).exactOptional(),
    duplicate: z.boolean().exactOptional(),
    lateMs: z.number().exactOptional(),
    shuffleWithinMs: z.number().exactOptional(),
    drop: z.boolean().exactOptional(),
    hold: z.boolean().exactOptional(),
    actions: z.array(z.string()).exactOptional(),
    times: z.number().exactOptional(),
  }),
  order: z.object({
    order: z.enum(["sent", "reversed", "shuffled"]).exactOptional(),
    seed: z.number().exactOptional(),
  }),
  tag: name.extend({
    name: z.string(),
    ref: z.string().exactOptional(),
    message: z.string().exactOptional(),
    user: z.string().exactOptional(),
    force: z.boolean().exactOptional(),
  }),
  otherApp: z.object({
    owner: z.string(),
    slug: z.string(),
    name: z.string().exactOptional(),
    permissions: z.record(z.string(), z.string()).exactOptional(),
  }),
  deployment: name.extend({
    ref: z.string(),
    environment: z.string(),
    user: z.string().exactOptional(),
    task: z.string().exactOptional(),
    description: z.string().exactOptional(),
  }),
  release: name.extend({
    tag: z.string(),
    target: z.string().exactOptional(),
    name: z.string().exactOptional(),
    body: z.string().exactOptional(),
    draft: z.boolean().exactOptional(),
    prerelease: z.boolean().exactOptional(),
    user: z.string().exactOptional(),
  }),
  fault: z.object({
    method: z.string().exactOptional(),
    path: z.string().transform((source) => new RegExp(source)),
    status: z.number().exactOptional(),
    headers: z.record(z.string(), z.string()).exactOptional(),
    body: z.unknown().exactOptional(),
    times: z.number().exactOptional(),
    delayMs: z.number().exactOptional(),
    destroy: z.boolean().exactOptional(),
    destroyAfter: z.boolean().exactOptional(),
  }),
};

/** What the control routes reach. */
export interface ControlParts {
  readonly hub: LiveHub;
  readonly operations: Operations;
  readonly webhooks: Webhooks;
  readonly requests: RequestLog;
  readonly faults: Faults;
}

/** `/_local/…`: the same operations for another process, as JSON. */
export function addControlRoutes(root: Hono<Env>, parts: ControlParts): void {
  root.use("/_local/*", async (c, next) => {
    // A page of another origin must not steer this server through somebody's browser.
    const origin = c.req.header("origin");
    if (origin !== undefined && origin !== new URL(c.req.url).origin)
      return c.json({ message: "wrong origin" }, 403);
    return next();
  });
  addDoing(root, parts);
  addLooking(root, parts);
}

function addDoing(root: Hono<Env>, { operations, webhooks, requests, faults }: ControlParts): void {
  const post: PostControl = (path, schema, act) => {
    root.post(`/_local/${path}`, async (c) => {
      const body = await readBody(c, schema, path);
      try {
        return c.json((await act(body)) ?? {});
      } catch (error) {
        return c.json({ message: error instanceof Error ? error.message : String(error) }, 422);
      }
    });
  };
  post("users", schemas.user, (body) => operations.addUser(body));
  post("repositories", schemas.repository, (body) => operations.createRepository(body));
  post("permissions", schemas.permission, (body) =>
    operations.setPermission({ ...body, role: body.role }),
  );
  post("roles", schemas.role, (body) => operations.defineRole(body));
  post("installations", schemas.installation, (body) => operations.installApp(body));
  post("webhook", schemas.webhook, (body) => operations.setWebhookUrl(body.url));
  post("push", schemas.push, (body) => operations.pushFiles(body));
  post("click", schemas.click, (body) => operations.clickCheckAction(body));
  post("rerequest", schemas.rerequest, (body) => operations.rerequestCheckRun(body));
  post("delivery-mode", schemas.mode, (body) => webhooks.setMode(body));
  post("redeliver", z.object({ id: z.number() }), ({ id }) => ({ found: webhooks.redeliver(id) }));
  post("repeat", z.object({ id: z.number() }), ({ id }) => ({ found: webhooks.repeat(id) }));
  post("release-deliveries", schemas.order, (body) => ({ count: webhooks.release(body) }));
  post("tags", schemas.tag, (body) => operations.createTag(body));
  post("releases", schemas.release, (body) => operations.createRelease(body));
  post("other-apps", schemas.otherApp, (body) => operations.addOtherApp(body));
  post("deployments", schemas.deployment, (body) => operations.requestDeployment(body));
  post("faults", schemas.fault, (body) => faults.add(body));
  addIssueControls(post, operations);
  root.delete("/_local/faults", (c) => {
    faults.clear();
    return c.json({});
  });
  root.delete("/_local/requests", (c) => {
    requests.reset();
    return c.json({});
  });
}

function addLooking(root: Hono<Env>, { hub, operations, requests }: ControlParts): void {
  const { state, manifest } = hub;
  const named = (c: Context<Env>) => name.parse(c.req.query());
  root.get("/_local/app", (c) =>
    c.json({ id: state.app.id, slug: manifest.slug, webhookUrl: state.app.webhookUrl ?? null }),
  );
  root.get("/_local/requests", (c) => c.json(requests.entries));
  root.get("/_local/deliveries", (c) => c.json(state.deliveries.map(formatDelivery)));
  root.get("/_local/problems", (c) => c.json(findProblems(requests, state.deliveries)));
  root.get("/_local/check-runs", (c) => c.json(operations.checkRuns(named(c))));
  root.get("/_local/deployments", (c) => c.json(operations.deployments(named(c))));
  root.get("/_local/pulls", (c) => c.json(operations.pullRequests(named(c))));
  root.get("/_local/comments", (c) => c.json(operations.comments(named(c))));
  root.get("/_local/avatar/:file", (c) => {
    const login = c.req.param("file").replace(/\.svg$/, "");
    return c.body(renderAvatar(login), 200, {
      "Content-Type": "image/svg+xml",
      "Cache-Control": "max-age=86400",
    });
  });
}

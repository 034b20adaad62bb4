import type { Context, Hono } from "hono";
import { z } from "zod";
import { apiError, invalid, notFound } from "../api-error.ts";
import { accessRepository, callerLogin, type Env } from "../caller.ts";
import { openSuite } from "../check-suites.ts";
import { emitCheckRun } from "../check-events.ts";
import { formatCheckRun } from "../format/check.ts";
import { encodePath } from "../format/commit.ts";
import { repositoryPage } from "../format/repository.ts";
import { nextId, timestamp } from "../hub.ts";
import { paginate } from "../pagination.ts";
import type { Annotation, CheckRun, Repository } from "../state.ts";
import type { LiveHub } from "../webhooks.ts";
import { readBody } from "./body.ts";
import { requireCommit } from "./commit-routes.ts";

const markdown = z.string().max(65_535, "is too long (maximum is 65535 characters)");

const annotation = z.object({
  path: z.string(),
  start_line: z.number().int(),
  end_line: z.number().int(),
  start_column: z.number().int().nullable().default(null),
  end_column: z.number().int().nullable().default(null),
  annotation_level: z.enum(["notice", "warning", "failure"]),
  message: z.string().max(64 * 1024),
  title: z.string().max(255).nullable().default(null),
  raw_details: z
    .string()
    .max(64 * 1024)
    .nullable()
    .default(null),
});

const conclusions = [
  "action_required",
  "cancelled",
  "failure",
  "neutral",
  "success",
  "skipped",
  "timed_out",
] as const;

const changes = z.object({
  name: z.string().min(1).optional(),
  details_url: z.string().optional(),
  external_id: z.string().optional(),
  status: z.enum(["queued", "in_progress", "completed"]).optional(),
  started_at: z.string().optional(),
  conclusion: z.enum(conclusions).optional(),
  completed_at: z.string().optional(),
  output: z
    .object({
      title: z.string().optional(),
      summary: markdown,
      text: markdown.optional(),
      annotations: z.array(annotation).max(50, "exceeds a maximum quantity of 50").optional(),
    })
    .optional(),
  actions: z
    .array(
      z.object({
        label: z.string().max(20),
        description: z.string().max(40),
        identifier: z.string().max(20),
      }),
    )
    .max(3, "exceeds a maximum quantity of 3")
    .optional(),
});

const creation = changes.extend({ name: z.string().min(1), head_sha: z.string() });

/** Check runs: made and changed by the App, read by anybody who may. */
export function addCheckRunRoutes(api: Hono<Env>, hub: LiveHub): void {
  const base = "/repos/:owner/:repo/check-runs";
  api.post(base, (c) => createCheckRun(hub, c));
  api.patch(`${base}/:id{[0-9]+}`, (c) => updateCheckRun(hub, c));
  api.get(`${base}/:id{[0-9]+}`, (c) => {
    const repository = accessRepository(hub, c, ["checks", "read"]);
    return c.json(formatCheckRun(hub, repository, runOf(hub, repository, c)));
  });
  api.get(`${base}/:id{[0-9]+}/annotations`, (c) => {
    const repository = accessRepository(hub, c, ["checks", "read"]);
    const run = runOf(hub, repository, c);
    const blob = `${repositoryPage(hub, repository)}/blob/${run.headSha}`;
    return c.json(
      paginate(c, run.annotations).map((one) => ({
        ...one,
        blob_href: `${blob}/${encodePath(one.path)}`,
      })),
    );
  });
  api.post(`${base}/:id{[0-9]+}/rerequest`, (c) => {
    const repository = accessRepository(hub, c, ["checks", "write"]);
    const run = runOf(hub, repository, c);
    emitCheckRun(hub, repository, {
      run,
      action: "rerequested",
      sender: callerLogin(hub, c.get("caller")),
    });
    return c.json({}, 201);
  });
}

function runOf(hub: LiveHub, repository: Repository, c: Context<Env>): CheckRun {
  const id = Number(c.req.param("id"));
  const found = hub.state.checkRuns.find(
    (one) => one.id === id && one.repositoryId === repository.id,
  );
  if (!found) throw notFound();
  return found;
}

function requireInstallation(c: Context<Env>): void {
  if (c.get("caller").kind !== "installation")
    throw apiError(403, "You must authenticate via a GitHub App.");
}

async function createCheckRun(hub: LiveHub, c: Context<Env>): Promise<Response> {
  const repository = accessRepository(hub, c, ["checks", "write"]);
  requireInstallation(c);
  const asked = await readBody(c, creation, "CheckRun");
  if (asked.status === "completed" && asked.conclusion === undefined) {
    throw invalid("CheckRun", "conclusion", "conclusion is required when status is completed");
  }
  const sha = await requireCommit(hub, repository, asked.head_sha);
  const suite = openSuite(hub, repository, sha);
  const run: CheckRun = {
    id: nextId(hub),
    repositoryId: repository.id,
    suiteId: suite.id,
    name: asked.name,
    headSha: sha,
    externalId: "",
    detailsUrl: null,
    status: "queued",
    conclusion: null,
    startedAt: timestamp(hub.now()),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: [],
  };
  hub.state.checkRuns.push(run);
  applyChanges(hub, run, asked);
  const sender = callerLogin(hub, c.get("caller"));
  emitCheckRun(hub, repository, { run, action: "created", sender });
  if (run.status === "completed")
    emitCheckRun(hub, repository, { run, action: "completed", sender });
  return c.json(formatCheckRun(hub, repository, run), 201);
}

async function updateCheckRun(hub: LiveHub, c: Context<Env>): Promise<Response> {
  const repository = accessRepository(hub, c, ["checks", "write"]);
  requireInstallation(c);
  const run = runOf(hub, repository, c);
  const asked = await readBody(c, changes, "CheckRun");
  const wasCompleted = run.status === "completed";
  applyChanges(hub, run, asked);
  if (run.status === "completed" && !wasCompleted) {
    emitCheckRun(hub, repository, {
      run,
      action: "completed",
      sender: callerLogin(hub, c.get("caller")),
    });
  }
  return c.json(formatCheckRun(hub, repository, run));
}

function applyChanges(hub: LiveHub, run: CheckRun, asked: z.infer<typeof changes>): void {
  const now = timestamp(hub.now());
  if (asked.name !== undefined) run.name = asked.name;
  if (asked.details_url !== undefined) run.detailsUrl = asked.details_url;
  if (asked.external_id !== undefined) run.externalId = asked.external_id;
  if (asked.started_at !== undefined) run.startedAt = timestamp(new Date(asked.started_at));
  if (asked.actions !== undefined) run.actions = asked.actions;
  if (asked.output) applyOutput(run, asked.output);
  const completedAt = asked.completed_at && timestamp(new Date(asked.completed_at));
  if (asked.conclusion !== undefined || asked.status === "completed") {
    run.status = "completed";
    run.conclusion = asked.conclusion ?? run.conclusion ?? "neutral";
    run.completedAt = completedAt || (run.completedAt ?? now);
  } else if (asked.status !== undefined) {
    Object.assign(run, { status: asked.status, conclusion: null, completedAt: null });
  }
  const suite = hub.state.checkSuites.find((one) => one.id === run.suiteId);
  if (suite) suite.updatedAt = now;
  hub.changed();
}

/** Text is replaced, annotations are added to those sent before. */
function applyOutput(run: CheckRun, output: NonNullable<z.infer<typeof changes>["output"]>): void {
  if (output.title !== undefined) run.title = output.title;
  run.summary = output.summary;
  if (output.text !== undefined) run.text = output.text;
  const added: Annotation[] = output.annotations ?? [];
  run.annotations.push(...added);
}

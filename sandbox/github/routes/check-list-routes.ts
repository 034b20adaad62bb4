import type { Context, Hono } from "hono";
import { notFound } from "../api-error.ts";
import { accessRepository, callerLogin, type Env } from "../caller.ts";
import { emitSuite, formatSuite } from "../check-suites.ts";
import { formatCheckRun } from "../format/check.ts";
import { paginate } from "../pagination.ts";
import type { CheckRun, CheckSuite, Repository } from "../state.ts";
import type { LiveHub } from "../webhooks.ts";
import { type CommitChild, requireCommit } from "./commit-routes.ts";

/** The check runs and suites of a commit. */
export function createCheckLists(hub: LiveHub): Readonly<Record<string, CommitChild>> {
  return {
    "check-runs": async (c, ref) => {
      const repository = accessRepository(hub, c, ["checks", "read"]);
      const sha = await requireCommit(hub, repository, ref);
      const runs = hub.state.checkRuns.filter(
        (one) => one.repositoryId === repository.id && one.headSha === sha,
      );
      return answerRuns(hub, c, repository, runs);
    },
    "check-suites": async (c, ref) => {
      const repository = accessRepository(hub, c, ["checks", "read"]);
      const sha = await requireCommit(hub, repository, ref);
      const all = hub.state.checkSuites.filter(
        (one) => one.repositoryId === repository.id && one.headSha === sha,
      );
      const suites = [];
      for (const one of paginate(c, all)) suites.push(await formatSuite(hub, repository, one));
      return c.json({ total_count: all.length, check_suites: suites });
    },
  };
}

/** Check suites by their id. */
export function addCheckSuiteRoutes(api: Hono<Env>, hub: LiveHub): void {
  const base = "/repos/:owner/:repo/check-suites/:id{[0-9]+}";
  api.get(base, async (c) => {
    const repository = accessRepository(hub, c, ["checks", "read"]);
    return c.json(await formatSuite(hub, repository, suiteOf(hub, repository, c)));
  });
  api.get(`${base}/check-runs`, (c) => {
    const repository = accessRepository(hub, c, ["checks", "read"]);
    const suite = suiteOf(hub, repository, c);
    const runs = hub.state.checkRuns.filter((one) => one.suiteId === suite.id);
    return answerRuns(hub, c, repository, runs);
  });
  api.post(`${base}/rerequest`, async (c) => {
    const repository = accessRepository(hub, c, ["checks", "write"]);
    const suite = suiteOf(hub, repository, c);
    const sender = callerLogin(hub, c.get("caller"));
    await emitSuite(hub, repository, { suite, action: "rerequested", sender });
    return c.json({}, 201);
  });
}

function suiteOf(hub: LiveHub, repository: Repository, c: Context<Env>): CheckSuite {
  const id = Number(c.req.param("id"));
  const found = hub.state.checkSuites.find(
    (one) => one.id === id && one.repositoryId === repository.id,
  );
  if (!found) throw notFound();
  return found;
}

function answerRuns(
  hub: LiveHub,
  c: Context<Env>,
  repository: Repository,
  runs: readonly CheckRun[],
): Response {
  const name = c.req.query("check_name");
  const status = c.req.query("status");
  const appId = c.req.query("app_id");
  const matching = runs
    .filter((run) => name === undefined || run.name === name)
    .filter((run) => status === undefined || run.status === status)
    .filter(() => appId === undefined || Number(appId) === hub.state.app.id)
    .toReversed();
  // By default only the newest run of each name counts.
  const wanted =
    c.req.query("filter") === "all"
      ? matching
      : matching.filter((run, i) => matching.findIndex((one) => one.name === run.name) === i);
  return c.json({
    total_count: wanted.length,
    check_runs: paginate(c, wanted).map((run) => formatCheckRun(hub, repository, run)),
  });
}

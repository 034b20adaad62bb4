import type { JsonObject } from "../../contract/json-value.ts";
import { type Hub, nodeId } from "../hub.ts";
import type { CheckRun, CheckSuite, Repository } from "../state.ts";
import { formatAppInside } from "./app.ts";
import { repositoryApi, repositoryPage } from "./repository.ts";

/** A check run's page. */
export function checkRunPage(hub: Hub, repository: Repository, run: CheckRun): string {
  return `${repositoryPage(hub, repository)}/runs/${run.id}`;
}

/** A check run as GitHub's `check-run`. */
export function formatCheckRun(hub: Hub, repository: Repository, run: CheckRun): JsonObject {
  const url = `${repositoryApi(hub, repository)}/check-runs/${run.id}`;
  const page = checkRunPage(hub, repository, run);
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId("CheckRun", run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: page,
    details_url: run.detailsUrl ?? hub.manifest.homepage,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: formatAppInside(hub),
    pull_requests: formatPulls(hub, repository, run.headSha),
  };
}

/** The open pull requests at a commit; those from forks are left out, as on GitHub. */
function formatPulls(hub: Hub, repository: Repository, sha: string): JsonObject[] {
  const url = repositoryApi(hub, repository);
  const repo = { id: repository.id, url, name: repository.name };
  return hub.state.issues
    .filter((one) => one.repositoryId === repository.id && one.state === "open")
    .flatMap(({ number, pull }) => {
      if (pull?.headSha !== sha || pull.headRepositoryId !== repository.id) return [];
      return {
        url: `${url}/pulls/${number}`,
        id: pull.id,
        number,
        head: { ref: pull.headBranch, sha, repo },
        base: { ref: pull.baseBranch, sha: pull.baseSha, repo },
      };
    });
}

/** A check run as it stands in a `check_run` webhook: with its whole suite. */
export function formatCheckRunEvent(
  hub: Hub,
  repository: Repository,
  run: CheckRun,
  suite: CheckSuite,
): JsonObject {
  return {
    ...formatCheckRun(hub, repository, run),
    check_suite: formatSuiteInside(hub, repository, suite),
  };
}

/** What a suite's runs amount to; GitHub's order of weight. */
export function judgeSuite(runs: readonly CheckRun[]): {
  status: string | null;
  conclusion: string | null;
} {
  if (runs.length === 0) return { status: "queued", conclusion: null };
  if (runs.some((run) => run.status === "in_progress"))
    return { status: "in_progress", conclusion: null };
  if (runs.some((run) => run.status !== "completed")) return { status: "queued", conclusion: null };
  const order = [
    "action_required",
    "cancelled",
    "timed_out",
    "failure",
    "neutral",
    "skipped",
    "success",
  ];
  const conclusion = order.find((one) => runs.some((run) => run.conclusion === one)) ?? "success";
  return { status: "completed", conclusion };
}

/** A suite without commit and repository, as it stands inside a `check_run` webhook. */
export function formatSuiteInside(hub: Hub, repository: Repository, suite: CheckSuite): JsonObject {
  const runs = hub.state.checkRuns.filter((run) => run.suiteId === suite.id);
  return {
    id: suite.id,
    node_id: nodeId("CheckSuite", suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    ...judgeSuite(runs),
    url: `${repositoryApi(hub, repository)}/check-suites/${suite.id}`,
    before: suite.before,
    after: suite.headSha,
    pull_requests: formatPulls(hub, repository, suite.headSha),
    app: formatAppInside(hub),
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
  };
}

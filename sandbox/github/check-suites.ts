import type { JsonObject } from "../contract/json-value.ts";
import { formatSuiteInside } from "./format/check.ts";
import { formatRepository, repositoryApi } from "./format/repository.ts";
import { readCommit } from "./git-commits.ts";
import { findInstallation, gitDirectory, nextId, timestamp } from "./hub.ts";
import type { CheckSuite, Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** Where a suite comes from. */
export interface SuiteOrigin {
  readonly sha: string;
  readonly branch: string | null;
  readonly before: string | null;
  readonly sender: string;
}

/** Makes the App's suite for a pushed commit, if the App may write checks, and asks the App to run it. */
export async function createSuite(
  hub: LiveHub,
  repository: Repository,
  origin: SuiteOrigin,
): Promise<void> {
  if (findInstallation(hub, repository)?.permissions.checks !== "write") return;
  if (
    hub.state.checkSuites.some(
      (one) => one.repositoryId === repository.id && one.headSha === origin.sha,
    )
  )
    return;
  await emitSuite(hub, repository, {
    suite: addSuite(hub, repository, origin),
    action: "requested",
    sender: origin.sender,
  });
}

/** The App's suite of a commit, made when there is none yet. */
export function openSuite(hub: LiveHub, repository: Repository, sha: string): CheckSuite {
  const found = hub.state.checkSuites.find(
    (one) => one.repositoryId === repository.id && one.headSha === sha,
  );
  return found ?? addSuite(hub, repository, { sha, branch: null, before: null });
}

function addSuite(
  hub: LiveHub,
  repository: Repository,
  origin: Omit<SuiteOrigin, "sender">,
): CheckSuite {
  const now = timestamp(hub.now());
  const suite: CheckSuite = {
    id: nextId(hub),
    repositoryId: repository.id,
    headSha: origin.sha,
    headBranch: origin.branch,
    before: origin.before,
    createdAt: now,
    updatedAt: now,
  };
  hub.state.checkSuites.push(suite);
  hub.changed();
  return suite;
}

/** Sends a `check_suite` webhook. */
export async function emitSuite(
  hub: LiveHub,
  repository: Repository,
  {
    suite,
    action,
    sender,
  }: { readonly suite: CheckSuite; readonly action: string; readonly sender: string },
): Promise<void> {
  const { repository: _repository, ...formatted } = await formatSuite(hub, repository, suite);
  hub.emit({
    event: "check_suite",
    repository,
    sender,
    payload: { action, check_suite: formatted },
  });
}

/** A suite as GitHub's `check-suite`. */
export async function formatSuite(
  hub: LiveHub,
  repository: Repository,
  suite: CheckSuite,
): Promise<JsonObject> {
  const commit = await readCommit(gitDirectory(hub, repository), suite.headSha);
  const person = ({ name, email }: { name: string; email: string }) => ({ name, email });
  return {
    ...formatSuiteInside(hub, repository, suite),
    rerequestable: true,
    runs_rerequestable: true,
    latest_check_runs_count: hub.state.checkRuns.filter((run) => run.suiteId === suite.id).length,
    check_runs_url: `${repositoryApi(hub, repository)}/check-suites/${suite.id}/check-runs`,
    head_commit: {
      id: commit.sha,
      tree_id: commit.tree,
      message: commit.message,
      timestamp: timestamp(new Date(commit.committer.date)),
      author: person(commit.author),
      committer: person(commit.committer),
    },
    repository: formatRepository(hub, repository),
  };
}

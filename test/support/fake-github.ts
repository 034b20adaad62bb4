import type { CheckRunContent, DeploymentStatusContent, GitHub } from "../../src/checks/ports.ts";
import type { GitHubDeploymentContent } from "../../src/checks/ports.ts";
import type { Annotation } from "../../src/deployment.ts";
import { SkepError } from "../../src/errors.ts";

/** A check run as the fake holds it; its annotations are all that were appended. */
interface FakeCheckRun extends CheckRunContent {
  readonly id: number;
}

/** A deployment as the fake holds it, with its statuses, oldest first. */
interface FakeDeployment extends GitHubDeploymentContent {
  readonly id: number;
  readonly statuses: readonly DeploymentStatusContent[];
}

type Method = keyof GitHub;

/** GitHub in memory, with its limits, and the means to make it fail. */
export interface FakeGitHub extends GitHub {
  /** Check runs by repository, `owner/name`. */
  checkRuns(repository?: string): readonly FakeCheckRun[];
  deployments(repository?: string): readonly FakeDeployment[];
  /** Every call, oldest first: `<method> <owner>/<name>`. */
  readonly calls: readonly string[];
  /** The next `times` calls that match fail with what `failure` makes, before they do anything. */
  fail(
    match: { readonly method?: Method; readonly repository?: string },
    failure: () => SkepError,
    times?: number,
  ): void;
  /** Like `fail`, but the call does what it was asked first: its answer is lost. */
  failAfter(match: { readonly method?: Method }, failure: () => SkepError): void;
}

interface PlannedFailure {
  readonly match: { readonly method?: Method; readonly repository?: string };
  readonly failure: () => SkepError;
  readonly after: boolean;
  left: number;
}

/** GitHub's answer of a status, as the adapter makes it. */
export function githubError(
  status: number | null,
  options: { readonly retryAfterMs?: number } = {},
): SkepError {
  const { retryAfterMs } = options;
  return new SkepError("github_unavailable", `GitHub answered ${status ?? "nothing"}`, {
    retryable: status === null || status >= 500 || retryAfterMs !== undefined,
    details: {
      ...(status === null ? {} : { status }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  });
}

/** The first of GitHub's limits that a check run breaks, or null. */
function brokenLimit(content: CheckRunContent): string | null {
  if (content.annotations.length > 50) return "more than 50 annotations";
  if (Buffer.byteLength(content.summary) > 65_535) return "the summary is too long";
  if (Buffer.byteLength(content.text) > 65_535) return "the text is too long";
  if (content.actions.length > 3) return "more than 3 actions";
  if ((content.conclusion !== null) !== (content.status === "completed"))
    return "a conclusion goes with completed";
  return null;
}

function guard(limit: string | null): void {
  if (limit !== null)
    throw new SkepError("github_unavailable", `GitHub answered 422: ${limit}`, {
      details: { status: 422 },
    });
}

interface Repository {
  readonly checkRuns: FakeCheckRun[];
  readonly deployments: FakeDeployment[];
}

/** A GitHub that knows the given repositories (`owner/name`), or any when none are given. */
export function createFakeGitHub(known?: readonly string[]): FakeGitHub {
  const repositories = new Map<string, Repository>();
  const calls: string[] = [];
  const planned: PlannedFailure[] = [];
  let lastId = 100;

  function at(name: string): Repository {
    if (known?.includes(name) === false) throw githubError(404);
    const repository = repositories.get(name) ?? { checkRuns: [], deployments: [] };
    repositories.set(name, repository);
    return repository;
  }

  function replace<T extends { readonly id: number }>(
    list: T[],
    id: number,
    next: (old: T) => T,
  ): void {
    const index = list.findIndex((one) => one.id === id);
    const old = list[index];
    if (!old) throw githubError(404);
    list[index] = next(old);
  }

  async function call<T>(
    method: Method,
    { owner, name }: { readonly owner: string; readonly name: string },
    act: (repository: Repository) => T,
  ): Promise<T> {
    const repository = `${owner}/${name}`;
    calls.push(`${method} ${repository}`);
    await Promise.resolve();
    const failing = planned.find(
      ({ match, left }) =>
        left > 0 &&
        (match.method ?? method) === method &&
        (match.repository ?? repository) === repository,
    );
    if (failing) failing.left -= 1;
    if (failing && !failing.after) throw failing.failure();
    const result = act(at(repository));
    if (failing) throw failing.failure();
    return result;
  }

  return {
    calls,
    checkRuns: (repository = "acme/shop") => at(repository).checkRuns,
    deployments: (repository = "acme/shop") => at(repository).deployments,
    fail: (match, failure, times = 1) =>
      void planned.push({ match, failure, after: false, left: times }),
    failAfter: (match, failure) => void planned.push({ match, failure, after: true, left: 1 }),

    createCheckRun: (where, content) =>
      call("createCheckRun", where, ({ checkRuns }) => {
        guard(brokenLimit(content));
        checkRuns.push({ id: ++lastId, ...content });
        return lastId;
      }),
    updateCheckRun: (where, id, content) =>
      call("updateCheckRun", where, ({ checkRuns }) => {
        guard(brokenLimit(content));
        replace(checkRuns, id, (old) => {
          const annotations: readonly Annotation[] = [...old.annotations, ...content.annotations];
          return { ...content, id, annotations };
        });
      }),
    findCheckRun: (where, { sha, name, externalId }) =>
      call("findCheckRun", where, ({ checkRuns }) => {
        const found = checkRuns.find(
          (run) => run.sha === sha && run.name === name && run.externalId === externalId,
        );
        return found ? { id: found.id, annotations: found.annotations.length } : null;
      }),
    createDeployment: (where, content) =>
      call("createDeployment", where, ({ deployments }) => {
        guard(content.description.length > 140 ? "the description is too long" : null);
        deployments.push({ id: ++lastId, ...content, statuses: [] });
        return lastId;
      }),
    findDeployment: (where, { sha, environment, deploymentId }) =>
      call("findDeployment", where, ({ deployments }) => {
        const found = deployments.find(
          (one) =>
            one.sha === sha && one.environment === environment && one.deploymentId === deploymentId,
        );
        return found?.id ?? null;
      }),
    createDeploymentStatus: (where, id, content) =>
      call("createDeploymentStatus", where, ({ deployments }) => {
        guard(content.description.length > 140 ? "the description is too long" : null);
        replace(deployments, id, (old) => ({ ...old, statuses: [...old.statuses, content] }));
      }),
    latestDeploymentStatus: (where, id) =>
      call("latestDeploymentStatus", where, ({ deployments }) => {
        const newest = deployments.find((one) => one.id === id)?.statuses.at(-1);
        return newest ? { state: newest.state, description: newest.description } : null;
      }),
  };
}

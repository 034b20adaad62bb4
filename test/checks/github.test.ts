import nock from "nock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOctokitGitHub } from "../../src/checks/github.ts";
import type { CheckRunContent, GitHub, GitHubDeploymentContent } from "../../src/checks/ports.ts";
import { createGitHubAuth } from "../../src/github/auth.ts";
import { TEST_APP } from "../support/app-key.ts";
import { annotations } from "../support/deployments.ts";
import { createRecordedLog } from "../support/recorded-log.ts";
import { REPOSITORY, sha } from "../support/records.ts";
import { createSilentFetch } from "../support/silent-fetch.ts";
import { createSimulatedClock, type SimulatedClock } from "../support/simulated-clock.ts";

const API = "https://api.github.test";
const REPO = `/repos/${REPOSITORY.owner}/${REPOSITORY.name}`;

let clock: SimulatedClock;
let github: GitHub;

beforeEach(() => {
  nock.disableNetConnect();
  clock = createSimulatedClock();
  const access = { apiUrl: API, clock };
  const auth = createGitHubAuth({ app: TEST_APP, ...access });
  github = createOctokitGitHub({ auth, log: createRecordedLog(), ...access });
});
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
  nock.enableNetConnect();
});

function issueToken(token: string): void {
  nock(API)
    .post("/app/installations/100/access_tokens")
    .reply(201, {
      token,
      expires_at: new Date(clock.now() + 3_600_000).toISOString(),
    });
}
/** GitHub, reached with the token that is issued first. */
function api(): nock.Scope {
  issueToken("t1");
  return nock(API, { reqheaders: { authorization: "token t1" } });
}

const CHECK: CheckRunContent = {
  name: "skep / production",
  sha: sha("a"),
  externalId: "dep_1",
  detailsUrl: "https://skep.test/deployments/dep_1",
  status: "queued",
  conclusion: null,
  startedAt: null,
  completedAt: null,
  title: "Waits",
  summary: "summary",
  text: "",
  annotations: [],
  actions: [],
};
const DEPLOYMENT: GitHubDeploymentContent = {
  sha: sha("a"),
  environment: "production",
  description: "Add the shop",
  production: true,
  deploymentId: "dep_1",
};
const STATUS = {
  state: "success",
  description: "it runs",
  logUrl: "https://skep.test/deployments/dep_1",
  environmentUrl: null,
} as const;

describe("a check run", () => {
  it("is created with what is known, and nothing else", async () => {
    api()
      .post(`${REPO}/check-runs`, {
        name: "skep / production",
        head_sha: sha("a"),
        external_id: "dep_1",
        details_url: "https://skep.test/deployments/dep_1",
        status: "queued",
        output: { title: "Waits", summary: "summary", text: "", annotations: [] },
        actions: [],
      })
      .reply(201, { id: 5 });
    expect(await github.createCheckRun(REPOSITORY, CHECK)).toBe(5);
  });

  it("is completed with its annotations and buttons", async () => {
    api()
      .patch(`${REPO}/check-runs/5`, {
        external_id: "dep_1",
        details_url: "https://skep.test/deployments/dep_1",
        status: "completed",
        conclusion: "failure",
        started_at: "2026-01-05T12:00:00Z",
        completed_at: "2026-01-05T12:01:00Z",
        output: {
          title: "Failed",
          summary: "summary",
          text: "plan",
          annotations: [
            {
              path: ".github/skep.yml",
              start_line: 1,
              end_line: 1,
              annotation_level: "failure",
              title: "unknown key",
              message: "problem 1",
            },
          ],
        },
        actions: [{ label: "Retry", description: "Again", identifier: "retry" }],
      })
      .reply(200, { id: 5 });
    await github.updateCheckRun(REPOSITORY, 5, {
      ...CHECK,
      status: "completed",
      conclusion: "failure",
      startedAt: "2026-01-05T12:00:00Z",
      completedAt: "2026-01-05T12:01:00Z",
      title: "Failed",
      text: "plan",
      annotations: annotations(1),
      actions: [{ label: "Retry", description: "Again", identifier: "retry" }],
    });
  });

  const run = (id: number, externalId: string, count = 0) => ({
    id,
    external_id: externalId,
    output: { annotations_count: count },
  });
  function listed(scope: nock.Scope, page: number, runs: readonly object[]): void {
    scope
      .get(`${REPO}/commits/${sha("a")}/check-runs`)
      .query({ check_name: "skep / production", filter: "all", per_page: 100, page })
      .reply(200, { total_count: runs.length, check_runs: runs });
  }

  it("is found by its external id, on later pages too", async () => {
    const scope = api();
    listed(
      scope,
      1,
      Array.from({ length: 100 }, (_, i) => run(i, `other_${i}`)),
    );
    listed(scope, 2, [run(200, "dep_1", 50)]);
    expect(await github.findCheckRun(REPOSITORY, CHECK)).toEqual({ id: 200, annotations: 50 });
  });

  it("is not found when GitHub has none of that id", async () => {
    listed(api(), 1, [run(1, "dep_0")]);
    expect(await github.findCheckRun(REPOSITORY, CHECK)).toBeNull();
  });
});

describe("a GitHub deployment", () => {
  it("is created without merging and without waiting for checks", async () => {
    api()
      .post(`${REPO}/deployments`, {
        ref: sha("a"),
        environment: "production",
        description: "Add the shop",
        production_environment: true,
        auto_merge: false,
        required_contexts: [],
        payload: { skep: { deployment: "dep_1" } },
      })
      .reply(201, { id: 9 });
    expect(await github.createDeployment(REPOSITORY, DEPLOYMENT)).toBe(9);
  });

  it.each([
    ["an object", { skep: { deployment: "dep_1" } }],
    ["JSON text", '{"skep":{"deployment":"dep_1"}}'],
  ])("is found by its payload, given as %s", async (_, payload) => {
    api()
      .get(`${REPO}/deployments`)
      .query({ sha: sha("a"), environment: "production", per_page: 100 })
      .reply(200, [
        { id: 1, payload: "" },
        { id: 2, payload: "not JSON" },
        { id: 3, payload: { skep: { deployment: "dep_0" } } },
        { id: 4, payload },
      ]);
    expect(await github.findDeployment(REPOSITORY, DEPLOYMENT)).toBe(4);
  });

  it("gets a status that leaves other deployments alone", async () => {
    api()
      .post(`${REPO}/deployments/9/statuses`, {
        state: "success",
        description: "it runs",
        log_url: "https://skep.test/deployments/dep_1",
        environment_url: "https://shop.test/",
        auto_inactive: false,
      })
      .reply(201, { id: 1 });
    const url = "https://shop.test/";
    await github.createDeploymentStatus(REPOSITORY, 9, { ...STATUS, environmentUrl: url });
  });

  it.each([
    ["its newest status, in whatever order", [3, 7, 5], { state: "s7", description: "d7" }],
    ["no status", [], null],
  ])("tells %s", async (_, ids, expected) => {
    api()
      .get(`${REPO}/deployments/9/statuses`)
      .query({ per_page: 100 })
      .reply(
        200,
        ids.map((id) => ({ id, state: `s${id}`, description: `d${id}` })),
      );
    expect(await github.latestDeploymentStatus(REPOSITORY, 9)).toEqual(expected);
  });
});

describe("trouble", () => {
  it("is told with action, repository and GitHub's words, and not repeated", async () => {
    api()
      .post(`${REPO}/deployments`)
      .reply(403, { message: "Resource not accessible by integration" });
    await expect(github.createDeployment(REPOSITORY, DEPLOYMENT)).rejects.toMatchObject({
      code: "github_unavailable",
      message:
        "creating a deployment of acme/shop: GitHub answered 403: Resource not accessible by integration",
      retryable: false,
    });
  });

  it("carries the time that a rate limit asks for", async () => {
    api()
      .post(`${REPO}/check-runs`)
      .reply(403, { message: "You have exceeded a secondary rate limit" }, { "retry-after": "42" });
    await expect(github.createCheckRun(REPOSITORY, CHECK)).rejects.toMatchObject({
      retryable: true,
      details: { status: 403, retryAfterMs: 42_000 },
    });
  });

  it("of the connection is retryable", async () => {
    api().post(`${REPO}/check-runs`).replyWithError(new Error("socket hang up"));
    await expect(github.createCheckRun(REPOSITORY, CHECK)).rejects.toMatchObject({
      message: "creating a check run of acme/shop: socket hang up",
      retryable: true,
    });
  });

  it("with an answer that is none is retryable", async () => {
    api()
      .post(`${REPO}/check-runs`)
      .reply(200, "<html>maintenance</html>", { "content-type": "text/html" });
    await expect(github.createCheckRun(REPOSITORY, CHECK)).rejects.toMatchObject({
      message: "creating a check run of acme/shop: the answer is not one that GitHub gives",
      retryable: true,
    });
  });

  it("ends after ten seconds without an answer", async () => {
    const silent = createSilentFetch();
    const access = { apiUrl: API, clock, fetch: silent.fetch };
    const auth = { installationToken: async () => "t1", forget: () => undefined };
    const waiting = createOctokitGitHub({ auth, log: createRecordedLog(), ...access });
    const refused = expect(waiting.createCheckRun(REPOSITORY, CHECK)).rejects.toMatchObject({
      message: "creating a check run of acme/shop: no answer within 10 s",
      retryable: true,
    });
    await silent.asked;
    clock.advance(10_000);
    await refused;
  });

  it("with the token makes the next call ask for another", async () => {
    api().post(`${REPO}/check-runs`).reply(401, { message: "Bad credentials" });
    await expect(github.createCheckRun(REPOSITORY, CHECK)).rejects.toMatchObject({
      retryable: true,
    });
    issueToken("t2");
    nock(API, { reqheaders: { authorization: "token t2" } })
      .post(`${REPO}/check-runs`)
      .reply(201, { id: 5 });
    expect(await github.createCheckRun(REPOSITORY, CHECK)).toBe(5);
  });

  it("is not caused by a second call: the token is kept", async () => {
    const scope = api();
    scope.post(`${REPO}/check-runs`).reply(201, { id: 5 });
    scope.post(`${REPO}/deployments`).reply(201, { id: 9 });
    await github.createCheckRun(REPOSITORY, CHECK);
    await github.createDeployment(REPOSITORY, DEPLOYMENT);
  });
});

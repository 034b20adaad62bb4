import { createServer } from "node:http";
import { Octokit } from "@octokit/rest";
import { afterEach, describe, expect, it } from "vitest";
import { createContractFetch, type ContractCall } from "../../sandbox/contract/contract-fetch.ts";
import { createContract } from "../../sandbox/contract/contract.ts";
import { renderProblems } from "../../sandbox/contract/problem-text.ts";

const contract = createContract();

function problemsOf(method: string, path: string, body?: unknown): readonly string[] {
  return contract.request({
    method,
    path,
    body: body === undefined ? undefined : JSON.stringify(body),
  }).problems;
}

const sha = "a".repeat(40);
const annotation = {
  path: "Dockerfile",
  start_line: 1,
  end_line: 1,
  annotation_level: "failure",
  message: "no such stage",
};
const checkRun = { name: "skep / production", head_sha: sha };
const checks = "/repos/acme/web/check-runs";
const deployments = "/repos/acme/web/deployments";

describe("a request that keeps the contract", () => {
  it.each<[string, string, string, unknown]>([
    ["a check run", "POST", checks, { ...checkRun, status: "queued" }],
    [
      "a finished check run with everything",
      "PATCH",
      `${checks}/1`,
      {
        status: "completed",
        conclusion: "failure",
        completed_at: "2026-01-02T03:04:05Z",
        output: {
          title: "t",
          summary: "s".repeat(65_535),
          text: "x",
          annotations: Array(50).fill(annotation),
        },
        actions: [
          { label: "l".repeat(20), description: "d".repeat(40), identifier: "i".repeat(20) },
        ],
      },
    ],
    [
      "a deployment",
      "POST",
      deployments,
      {
        ref: sha,
        environment: "production",
        auto_merge: false,
        required_contexts: [],
        payload: { id: "x" },
      },
    ],
    [
      "a deployment status",
      "POST",
      `${deployments}/1/statuses`,
      { state: "in_progress", log_url: "http://x/" },
    ],
    [
      "a path in the contents",
      "GET",
      "/repos/acme/web/contents/.github/skep.yml?ref=main",
      undefined,
    ],
    [
      "an encoded path in the contents",
      "GET",
      "/repos/acme/web/contents/.github%2Fskep.yml",
      undefined,
    ],
    ["a ref with slashes", "GET", "/repos/acme/web/git/ref/heads/feature/x", undefined],
    ["a comparison", "GET", `/repos/acme/web/compare/${sha}...feature/x?per_page=100`, undefined],
    ["a token", "POST", "/app/installations/1/access_tokens", { permissions: { checks: "write" } }],
  ])("%s", (_name, method, path, body) => {
    expect(problemsOf(method, path, body)).toEqual([]);
  });
});

describe("a request that breaks the contract", () => {
  const finished = { ...checkRun, status: "completed", conclusion: "success" };
  const output = { title: "t", summary: "s" };
  it.each<[string, string, string, unknown, RegExp]>([
    ["an unknown operation", "GET", "/repos/acme/web/deploys", undefined, /no operation GET/],
    ["no name", "POST", checks, { head_sha: sha }, /required property 'name'/],
    ["an unknown property", "POST", checks, { ...checkRun, sha }, /"sha"/],
    [
      "an unknown property in an update",
      "PATCH",
      `${checks}/1`,
      { detail_url: "http://x/" },
      /"detail_url"/,
    ],
    ["a misspelt conclusion", "POST", checks, { ...finished, conclusion: "sucess" }, /conclusion/],
    [
      "completed without conclusion",
      "POST",
      checks,
      { ...checkRun, status: "completed" },
      /conclusion/,
    ],
    [
      "a stale conclusion",
      "POST",
      checks,
      { ...finished, conclusion: "stale" },
      /stale may only be set/,
    ],
    ["no summary", "POST", checks, { ...checkRun, output: { title: "t" } }, /summary/],
    [
      "a long summary",
      "POST",
      checks,
      { ...checkRun, output: { ...output, summary: "s".repeat(65_536) } },
      /65535/,
    ],
    [
      "a long text",
      "POST",
      checks,
      { ...checkRun, output: { ...output, text: "s".repeat(65_536) } },
      /65535/,
    ],
    [
      "51 annotations",
      "POST",
      checks,
      { ...checkRun, output: { ...output, annotations: Array(51).fill(annotation) } },
      /more than 50 items/,
    ],
    [
      "columns over several lines",
      "POST",
      checks,
      {
        ...checkRun,
        output: { ...output, annotations: [{ ...annotation, end_line: 2, start_column: 1 }] },
      },
      /columns need start_line/,
    ],
    [
      "4 actions",
      "POST",
      checks,
      { ...finished, actions: Array(4).fill({ label: "l", description: "d", identifier: "i" }) },
      /more than 3 items/,
    ],
    [
      "a long label",
      "POST",
      checks,
      { ...finished, actions: [{ label: "l".repeat(21), description: "d", identifier: "i" }] },
      /20 characters/,
    ],
    [
      "a long action description",
      "POST",
      checks,
      { ...finished, actions: [{ label: "l", description: "d".repeat(41), identifier: "i" }] },
      /40 characters/,
    ],
    [
      "a long identifier",
      "POST",
      checks,
      { ...finished, actions: [{ label: "l", description: "d", identifier: "i".repeat(21) }] },
      /20 characters/,
    ],
    [
      "an id instead of an identifier",
      "POST",
      checks,
      { ...finished, actions: [{ label: "l", description: "d", id: "i" }] },
      /identifier/,
    ],
    ["an unknown state", "POST", `${deployments}/1/statuses`, { state: "running" }, /state/],
    [
      "a long description",
      "POST",
      `${deployments}/1/statuses`,
      { state: "success", description: "d".repeat(141) },
      /140/,
    ],
    [
      "a long deployment description",
      "POST",
      deployments,
      { ref: "main", description: "d".repeat(141) },
      /140/,
    ],
    ["no body", "POST", deployments, undefined, /body is required/],
    ["an unknown query", "GET", `${deployments}?limit=5`, undefined, /query limit/],
    ["a page too long", "GET", `${deployments}?per_page=101`, undefined, /per_page/],
    ["text for a number", "GET", `${checks}/last`, undefined, /path check_run_id/],
  ])("%s", (_name, method, path, body, problem) => {
    expect(problemsOf(method, path, body).join("\n")).toMatch(problem);
  });

  it("a body that is not JSON", () => {
    expect(contract.request({ method: "POST", path: checks, body: "{" }).problems).toEqual([
      "body is not JSON",
    ]);
  });
});

describe("an answer", () => {
  const ask = { method: "GET", path: "/repos/acme/web/git/ref/heads/main" };
  const json = "application/json; charset=utf-8";

  it("that lacks what GitHub sends is a problem, at its place", () => {
    const body = JSON.stringify({
      ref: "refs/heads/main",
      node_id: "x",
      url: "http://x/",
      object: { sha },
    });
    const { problems } = contract.response(ask, { status: 200, contentType: json, body });
    expect(problems).toContain("response/object must have required property 'type'");
  });

  it("with a status that is not described is a problem, an error status is not", () => {
    const answer = (status: number) =>
      contract.response(ask, { status, contentType: json, body: "{}" }).problems;
    expect(answer(204)).toEqual(["response: status 204 is not described"]);
    expect(answer(503)).toEqual([]);
  });

  it("in another media type is left alone", () => {
    const raw = {
      status: 200,
      contentType: "application/vnd.github.raw+json",
      body: "FROM scratch",
    };
    expect(
      contract.response({ method: "GET", path: "/repos/a/b/contents/Dockerfile" }, raw).problems,
    ).toEqual([]);
  });
});

describe("a webhook", () => {
  it("is recognised by event and action, and its gaps are named", () => {
    const verdict = contract.webhook("check_run", { action: "requested_action", check_run: {} });
    expect(verdict.operationId).toBe("check-run-requested-action");
    expect(verdict.problems.join("\n")).toMatch(/payload must have required property 'sender'/);
  });

  it("of an unknown kind is a problem", () => {
    expect(contract.webhook("deploy", {}).problems).toEqual([
      "no webhook deploy in GitHub's description",
    ]);
  });
});

describe("the fetch wrapper", () => {
  const close: (() => void)[] = [];
  afterEach(() => {
    for (const one of close.splice(0)) one();
  });

  async function startServer(): Promise<string> {
    const server = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end('{"id":1}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    close.push(() => server.close());
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}/api/v3`;
  }

  it("reports each call of an Octokit and its problems, and lets the answer through", async () => {
    const baseUrl = await startServer();
    const calls: ContractCall[] = [];
    const bad: ContractCall[] = [];
    const fetch = createContractFetch(contract, {
      baseUrl,
      onRequest: (call) => calls.push(call),
      onProblem: (call) => bad.push(call),
    });
    const octokit = new Octokit({ baseUrl, request: { fetch } });
    const { data } = await octokit.rest.repos.createDeploymentStatus({
      owner: "acme",
      repo: "web",
      deployment_id: 7,
      state: "success",
      description: "d".repeat(141),
    });
    expect(data.id).toBe(1);
    expect(calls).toHaveLength(1);
    expect(bad).toEqual(calls);
    expect(calls[0]).toMatchObject({
      operationId: "repos/create-deployment-status",
      method: "POST",
      path: "/repos/acme/web/deployments/7/statuses",
      status: 200,
      requestProblems: ["body/description must NOT have more than 140 characters"],
      responseProblems: ["response: status 200 is not described"],
    });
    expect(calls.map(renderProblems)).toEqual([
      [
        "POST /repos/acme/web/deployments/7/statuses → 200 (repos/create-deployment-status) breaks GitHub's contract:",
        "  > body/description must NOT have more than 140 characters",
        "  < response: status 200 is not described",
      ].join("\n"),
    ]);
  });
});

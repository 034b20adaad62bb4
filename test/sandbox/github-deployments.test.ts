import { Octokit } from "@octokit/rest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusal, type Setup, setUp, silent } from "./github-support.ts";

let setup: Setup;
beforeEach(async () => {
  setup = await setUp();
});
afterEach(async () => {
  expect(setup.github.problems()).toEqual([]);
  await setup.close();
});

async function deploy(more: object = {}): Promise<number> {
  const { data } = await setup.octokit.rest.repos.createDeployment({
    ...setup.name,
    ref: setup.sha,
    environment: "production",
    auto_merge: false,
    required_contexts: [],
    ...more,
  });
  if (!("id" in data)) throw new Error("no deployment was created");
  return data.id;
}

async function setState(id: number, state: "success" | "failure" | "inactive", more: object = {}) {
  const use = { ...setup.name, deployment_id: id, state };
  return setup.octokit.rest.repos.createDeploymentStatus({ ...use, ...more });
}

function statesOf(id: number): string[] {
  const found = setup.github.deployments(setup.name).find((one) => one.id === id);
  return (found?.statuses ?? []).map((one) => one.state);
}

describe("a deployment", () => {
  it("keeps what it was made with, and tells the App", async () => {
    const id = await deploy({ payload: { id: "d1" }, description: "One" });
    const { data } = await setup.octokit.rest.repos.getDeployment({
      ...setup.name,
      deployment_id: id,
    });
    expect(data).toMatchObject({
      sha: setup.sha,
      environment: "production",
      production_environment: true,
      transient_environment: false,
      payload: { id: "d1" },
      creator: { login: "wide-app[bot]", type: "Bot" },
    });
    await setState(id, "success", { log_url: "http://skep/log", environment_url: "http://web/" });
    const list = await setup.octokit.rest.repos.listDeployments({
      ...setup.name,
      environment: "production",
    });
    expect(list.data.map((one) => one.id)).toEqual([id]);
    const statuses = await setup.octokit.rest.repos.listDeploymentStatuses({
      ...setup.name,
      deployment_id: id,
    });
    expect(statuses.data).toMatchObject([
      {
        state: "success",
        log_url: "http://skep/log",
        target_url: "http://skep/log",
        environment_url: "http://web/",
      },
    ]);
    await setup.github.idle();
    expect(setup.receiver.received.map((one) => one.event)).toEqual([
      "deployment",
      "deployment_status",
    ]);
  });

  it("waits for every check by default, for none with an empty list, for those named", async () => {
    const use = { ...setup.name, name: "test", head_sha: setup.sha };
    const check = await setup.octokit.rest.checks.create({ ...use, status: "in_progress" });
    expect(await refusal(deploy({ required_contexts: undefined }))).toMatchObject({
      status: 409,
      message: expect.stringContaining("Commit status checks failed"),
    });
    expect((await refusal(deploy({ required_contexts: ["lint"] }))).status).toBe(409);
    await deploy({ required_contexts: [] });
    await setup.octokit.rest.checks.update({
      ...setup.name,
      check_run_id: check.data.id,
      conclusion: "success",
    });
    await deploy({ required_contexts: undefined });
    await deploy({ required_contexts: ["test"] });
  });

  it("merges instead of deploying when auto_merge is left on and the branch is behind", async () => {
    await setup.github.pushFiles({ ...setup.name, branch: "other", files: { a: "a" } });
    await setup.github.pushFiles({ ...setup.name, files: { b: "b" } });
    const { data, status } = await setup.octokit.rest.repos.createDeployment({
      ...setup.name,
      ref: "other",
    });
    expect([status, data]).toEqual([
      202,
      { message: "Auto-merged main into other on deployment." },
    ]);
  });

  it("is refused for a ref that is not there and for a description too long", async () => {
    expect(await refusal(deploy({ ref: "nowhere" }))).toMatchObject({ status: 422 });
    setup.github.requests.reset();
    expect(await refusal(deploy({ description: "d".repeat(141) }))).toMatchObject({ status: 422 });
    const [problem] = setup.github.problems();
    expect(problem).toMatch(/body\/description must NOT have more than 140 characters/);
    setup.github.requests.reset();
  });

  it("of an environment that is not production makes older successes inactive", async () => {
    const [first, failed, second] = [
      await deploy({ environment: "staging" }),
      await deploy({ environment: "staging" }),
      await deploy({ environment: "staging" }),
    ];
    await setState(first, "success");
    await setState(failed, "failure");
    await setState(second, "success");
    expect([statesOf(first), statesOf(failed), statesOf(second)]).toEqual([
      ["success", "inactive"],
      ["failure"],
      ["success"],
    ]);
  });

  it.each([
    ["of production", {}],
    ["of a transient environment", { environment: "review-1", transient_environment: true }],
  ])("%s leaves older ones as they are", async (_what, more) => {
    const [first, second] = [await deploy(more), await deploy(more)];
    await setState(first, "success");
    await setState(second, "success");
    expect(statesOf(first)).toEqual(["success"]);
  });

  it("leaves older ones as they are with auto_inactive off", async () => {
    const [first, second] = [
      await deploy({ environment: "qa" }),
      await deploy({ environment: "qa" }),
    ];
    await setState(first, "success");
    await setState(second, "success", { auto_inactive: false });
    expect(statesOf(first)).toEqual(["success"]);
  });
});

describe("a deployment by somebody else", () => {
  const asSomebody = (token: string) =>
    new Octokit({ baseUrl: setup.github.apiUrl, auth: token, log: silent });
  const ask = (token: string, more: object = {}) =>
    asSomebody(token).rest.repos.createDeployment({
      ...setup.name,
      ref: "main",
      environment: "production",
      ...more,
    });
  const told = async () => {
    await setup.github.idle();
    return setup.receiver.received.splice(0);
  };

  it("is made with a person's own token, at a branch, a tag or a commit", async () => {
    const { token } = setup.github.addUser({ login: "mona" });
    setup.github.setPermission({ ...setup.name, user: "mona", role: "write" });
    await setup.github.createTag({ ...setup.name, name: "v1", message: "Annotated" });
    await told();
    for (const ref of ["main", "v1", setup.sha.slice(0, 8)]) {
      expect((await ask(token, { ref, task: "migrate" })).status).toBe(201);
      const [received, ...rest] = await told();
      expect(rest).toEqual([]);
      expect(received?.payload).toMatchObject({
        action: "created",
        deployment: {
          ref,
          sha: setup.sha,
          task: "migrate",
          environment: "production",
          creator: { login: "mona", type: "User" },
          performed_via_github_app: null,
        },
        sender: { login: "mona" },
      });
    }
  });

  it("may come from another App, whose bot also reports on it", async () => {
    const { login, token } = setup.github.addOtherApp({ owner: "octo", slug: "github-actions" });
    expect(login).toBe("github-actions[bot]");
    const { data } = await ask(token);
    if (!("id" in data)) throw new Error("no deployment was created");
    await asSomebody(token).rest.repos.createDeploymentStatus({
      ...setup.name,
      deployment_id: data.id,
      state: "in_progress",
    });
    const by = {
      creator: { login, type: "Bot" },
      performed_via_github_app: { slug: "github-actions" },
    };
    expect((await told()).map((one) => one.payload)).toMatchObject([
      { action: "created", deployment: by, sender: { login } },
      {
        action: "created",
        deployment_status: { ...by, state: "in_progress" },
        deployment: { id: data.id },
        sender: { login },
      },
    ]);
    expect(setup.github.addOtherApp({ owner: "octo", slug: "github-actions" }).token).toBe(token);
  });

  it("is reported by our App beside theirs, each under its own name", async () => {
    const { id } = await setup.github.requestDeployment({
      ...setup.name,
      ref: "main",
      environment: "production",
      payload: { by: "chat" },
    });
    await told();
    await setState(id, "success");
    const [received] = await told();
    expect(received?.payload).toMatchObject({
      deployment: { payload: { by: "chat" }, performed_via_github_app: null },
      deployment_status: { performed_via_github_app: { slug: "wide-app" } },
    });
  });

  it("needs write access: who may read is told so, who may not finds nothing", async () => {
    const reader = setup.github.addUser({ login: "reader" });
    setup.github.setPermission({ ...setup.name, user: "reader", role: "triage" });
    const stranger = setup.github.addUser({ login: "stranger" });
    const modest = setup.github.addOtherApp({
      owner: "octo",
      slug: "modest",
      permissions: { metadata: "read", deployments: "read" },
    });
    const elsewhere = setup.github.addOtherApp({ owner: "mona", slug: "elsewhere" });
    const statuses = [];
    for (const { token } of [reader, stranger, modest, elsewhere, { token: "ghp_wrong" }])
      statuses.push((await refusal(ask(token))).status);
    expect(statuses).toEqual([403, 404, 403, 404, 401]);
    const wanted = { ...setup.name, ref: "main", environment: "production" };
    await expect(setup.github.requestDeployment({ ...wanted, user: "reader" })).rejects.toThrow(
      "requesting a deployment: reader may not write to octo/web",
    );
    await expect(setup.github.requestDeployment({ ...wanted, ref: "--x" })).rejects.toThrow(
      "requesting a deployment: No ref found for: --x",
    );
    expect(await told()).toEqual([]);
  });

  it("waits for checks, or merges, unless it says otherwise", async () => {
    const { token } = setup.github.addUser({ login: "octo" });
    await setup.octokit.rest.checks.create({ ...setup.name, name: "t", head_sha: setup.sha });
    expect((await refusal(ask(token, { request: { retries: 0 } }))).status).toBe(409);
    await setup.github.pushFiles({ ...setup.name, branch: "other", files: { a: "a" } });
    await setup.github.pushFiles({ ...setup.name, files: { b: "b" } });
    expect((await ask(token, { ref: "other" })).status).toBe(202);
    expect((await ask(token, { ref: "other", auto_merge: false })).status).toBe(201);
  });
});

describe("a commit status", () => {
  it("is combined with the others of its commit", async () => {
    const { rest } = setup.octokit;
    const use = { ...setup.name, sha: setup.sha };
    await rest.repos.createCommitStatus({ ...use, state: "failure", context: "a" });
    await rest.repos.createCommitStatus({ ...use, state: "success", context: "b" });
    const combined = () => rest.repos.getCombinedStatusForRef({ ...setup.name, ref: "main" });
    expect((await combined()).data).toMatchObject({
      state: "failure",
      total_count: 2,
      sha: setup.sha,
    });
    await rest.repos.createCommitStatus({ ...use, state: "success", context: "a" });
    expect((await combined()).data.state).toBe("success");
    const all = await rest.repos.listCommitStatusesForRef({ ...setup.name, ref: "main" });
    expect(all.data.map((one) => one.context)).toEqual(["a", "b", "a"]);
  });
});

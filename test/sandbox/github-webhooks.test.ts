import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { git, refusal, type Setup, setUp } from "./github-support.ts";

let setup: Setup;
beforeEach(async () => {
  setup = await setUp();
});
afterEach(() => setup.close());

function push(file = "a"): Promise<{ sha: string }> {
  return setup.github.pushFiles({ ...setup.name, files: { [file]: `${Math.random()}` } });
}

function pushes() {
  return setup.receiver.received.filter((one) => one.event === "push");
}

const onlyPush = { events: ["push"] };

describe("a delivery", () => {
  it("is remembered with what was sent and answered", async () => {
    await push();
    await setup.github.idle();
    const { rest } = setup.octokit;
    const list = await rest.apps.listWebhookDeliveries();
    const found = list.data.find((one) => one.event === "push");
    expect(found).toMatchObject({
      status: "OK",
      status_code: 200,
      redelivery: false,
      guid: pushes()[0]?.guid,
    });
    const { data } = await rest.apps.getWebhookDelivery({ delivery_id: found?.id ?? 0 });
    expect(data.request.payload).toEqual(pushes()[0]?.payload);
    expect(data.response.payload).toBe("seen");
    expect(setup.github.problems()).toEqual([]);
  });

  it("that fails is listed as failed, not repeated, and can be sent again under the same GUID", async () => {
    setup.receiver.answer(503);
    await push();
    await setup.github.idle();
    expect(pushes()).toHaveLength(1);
    setup.receiver.answer(200);
    const { rest } = setup.octokit;
    const failed = await rest.apps.listWebhookDeliveries({ status: "failure" });
    const one = failed.data.find((delivery) => delivery.event === "push");
    expect(one?.status_code).toBe(503);
    const { status } = await rest.apps.redeliverWebhookDelivery({ delivery_id: one?.id ?? 0 });
    expect(status).toBe(202);
    await setup.github.idle();
    expect(new Set(pushes().map(({ guid }) => guid)).size).toBe(1);
    expect(pushes()).toHaveLength(2);
    const [newest] = (await rest.apps.listWebhookDeliveries()).data;
    expect(newest).toMatchObject({ guid: one?.guid, redelivery: true, status_code: 200 });
    expect((await refusal(rest.apps.redeliverWebhookDelivery({ delivery_id: 1 }))).status).toBe(
      404,
    );
  });

  it("to a server that is not there is a failure", async () => {
    setup.github.setWebhookUrl("http://127.0.0.1:1/hooks");
    await push();
    await setup.github.idle();
    const [newest] = setup.github.deliveries.filter((one) => one.event === "push").slice(-1);
    expect(newest).toMatchObject({ statusCode: 502, status: "failed to connect to host" });
  });

  it("is listed in pages by a cursor", async () => {
    for (const file of ["a", "b", "c"]) await push(file);
    await setup.github.idle();
    const { rest } = setup.octokit;
    const guids: string[] = [];
    for await (const page of setup.octokit.paginate.iterator(rest.apps.listWebhookDeliveries, {
      per_page: 2,
    })) {
      expect(page.data.length).toBeLessThanOrEqual(2);
      guids.push(...page.data.map((one) => one.guid));
    }
    expect(guids).toEqual(setup.github.deliveries.map((one) => one.guid).reverse());
  });
});

describe("on the way, deliveries may", () => {
  it("come twice", async () => {
    setup.github.setDeliveryMode({ ...onlyPush, duplicate: true });
    await push();
    await setup.github.idle();
    expect(pushes()).toHaveLength(2);
    expect(pushes()[0]?.guid).toBe(pushes()[1]?.guid);
  });

  it("come late", async () => {
    setup.github.setDeliveryMode({ ...onlyPush, lateMs: 150 });
    const startedAt = performance.now();
    await push();
    await setup.github.idle();
    expect(pushes()).toHaveLength(1);
    expect(performance.now() - startedAt).toBeGreaterThan(140);
  });

  it("come in another order", async () => {
    setup.github.setDeliveryMode({ ...onlyPush, shuffleWithinMs: 3000 });
    const sent = [await push("a"), await push("b")];
    await setup.github.idle();
    expect(pushes().map((one) => one.payload.after)).toEqual(sent.map((one) => one.sha).reverse());
  });

  it("be lost, and recovered", async () => {
    setup.github.setDeliveryMode({ ...onlyPush, drop: true });
    await push();
    await setup.github.idle();
    expect(pushes()).toEqual([]);
    setup.github.setDeliveryMode({});
    const lost = setup.github.deliveries.findLast((one) => one.event === "push");
    expect(lost?.statusCode).toBe(502);
    setup.github.redeliver(lost?.id ?? 0);
    await setup.github.idle();
    expect(pushes().map((one) => one.guid)).toEqual([lost?.guid]);
  });
});

describe("a fault", () => {
  const get = () => setup.octokit.rest.repos.get({ ...setup.name, request: { retries: 0 } });

  it("answers the next request that matches, once", async () => {
    setup.github.failNext({
      method: "GET",
      path: /^\/repos\/octo\/web$/,
      status: 502,
      body: { message: "Oops" },
    });
    expect(await refusal(get())).toMatchObject({
      status: 502,
      message: expect.stringContaining("Oops"),
    });
    expect((await get()).status).toBe(200);
    const [first] = setup.github.requests.find({ path: /^\/repos\/octo\/web$/ });
    expect(first).toMatchObject({ status: 502, isFault: true });
  });

  it("carries headers, as a rate limit does", async () => {
    const headers = { "retry-after": "60" };
    setup.github.failNext({ path: /^\/repos\/octo\/web$/, status: 403, headers });
    await expect(get()).rejects.toMatchObject({ response: { headers } });
  });

  it("cuts the connection before the request is served, or after", async () => {
    const create = (name: string) =>
      setup.octokit.rest.checks.create({
        ...setup.name,
        name,
        head_sha: setup.sha,
        request: { retries: 0 },
      });
    await get();
    setup.github.failNext({ method: "POST", path: /check-runs$/, destroy: true });
    await expect(create("before")).rejects.toThrow();
    setup.github.failNext({ method: "POST", path: /check-runs$/, destroyAfter: true });
    await expect(create("after")).rejects.toThrow();
    expect(setup.github.checkRuns(setup.name).map((one) => one.name)).toEqual(["after"]);
  });

  it("meets git too", async () => {
    setup.github.failNext({ path: /info\/refs/, status: 503 });
    await expect(git(setup.directory, "ls-remote", setup.cloneUrl)).rejects.toThrow(/503/);
    expect(await git(setup.directory, "ls-remote", setup.cloneUrl)).toContain(setup.sha);
    expect(setup.github.requests.count({ kind: "git" })).toBeGreaterThan(1);
  });
});

describe("another process", () => {
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${setup.github.url}/_local/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };

  it("can make repositories, push, and look", async () => {
    const made = await call("POST", "repositories", { owner: "octo", name: "second" });
    expect(made).toMatchObject({
      status: 200,
      body: { cloneUrl: expect.stringContaining("/octo/second.git") },
    });
    const second = { owner: "octo", repo: "second" };
    const pushed = await call("POST", "push", { ...second, files: { a: "a" } });
    expect(pushed.body.sha).toMatch(/^[0-9a-f]{40}$/);
    await setup.github.idle();
    expect(
      (await call("GET", "deliveries")).body.map((one: { event: string }) => one.event),
    ).toContain("push");
    expect((await call("GET", "check-runs?owner=octo&repo=second")).body).toEqual([]);
    expect((await call("GET", "problems")).body).toEqual([]);
    expect(await call("POST", "repositories", { owner: "octo", name: "second" })).toMatchObject({
      status: 422,
      body: { message: "creating repository octo/second: it exists already" },
    });
  });

  it("can lay out faults and change how deliveries travel", async () => {
    await call("POST", "faults", { path: "^/repos/octo/web$", status: 500 });
    expect(
      (await refusal(setup.octokit.rest.repos.get({ ...setup.name, request: { retries: 0 } })))
        .status,
    ).toBe(500);
    await call("POST", "delivery-mode", { drop: true });
    await push();
    await setup.github.idle();
    expect(setup.receiver.received).toEqual([]);
    await call("DELETE", "requests");
    expect((await call("GET", "requests")).body).toEqual([]);
  });

  it("is not a web page of another origin", async () => {
    const headers = { origin: "http://evil.test" };
    const response = await fetch(`${setup.github.url}/_local/requests`, {
      method: "DELETE",
      headers,
    });
    expect(response.status).toBe(403);
  });
});

describe("a name", () => {
  it.each(["a/b", "..", "x.git", ""])("of a repository must not be %j", async (name) => {
    await expect(setup.github.createRepository({ owner: "octo", name })).rejects.toThrow(
      /creating repository/,
    );
  });

  it("of a user must not mean something else", () => {
    expect(() => setup.github.addUser({ login: "repos" })).toThrow(/adding user "repos"/);
  });
});

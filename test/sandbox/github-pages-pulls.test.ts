import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Received, type Setup, setUp } from "./github-support.ts";

let setup: Setup;
const hostile = '<img src=x onerror="alert(1)">';

beforeEach(async () => {
  setup = await setUp();
  const { github, name } = setup;
  github.setPermission({ ...name, user: "mona", role: "write" });
  github.setPermission({ ...name, user: "rita", role: "read" });
  github.addUser({ login: "stranger" });
  await github.pushFiles({ ...name, branch: "feature/x", files: { a: "a" }, user: "mona" });
  await told();
});
afterEach(async () => {
  expect(setup.github.problems()).toEqual([]);
  await setup.close();
});

async function told(): Promise<Received[]> {
  await setup.github.idle();
  return setup.receiver.received.splice(0);
}

async function page(path: string): Promise<string> {
  const response = await fetch(setup.github.url + path);
  expect([path, response.status]).toEqual([path, 200]);
  return response.text();
}

async function send(
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ status: number; to: string | null; html: string }> {
  const response = await fetch(`${setup.github.url}/octo/web${path}`, {
    method: "POST",
    body: new URLSearchParams(form),
    redirect: "manual",
    headers,
  });
  const { status } = response;
  return { status, to: response.headers.get("location"), html: await response.text() };
}

function open(more: object = {}) {
  return setup.github.openPullRequest({ ...setup.name, head: "feature/x", user: "mona", ...more });
}

function stateOf(number: number) {
  return setup.github.pullRequests(setup.name).find((one) => one.number === number)?.state;
}

describe("the form for a new pull request", () => {
  it("offers the branches, and opens one as the account chosen", async () => {
    const html = await page("/octo/web/compare");
    expect(html).toMatch(/<option *>feature\/x</);
    const form = { head: "feature/x", base: "main", title: hostile, body: "Why", user: "mona" };
    expect(await send("/pulls", form)).toMatchObject({ status: 303, to: "/octo/web/pull/1" });
    const [opened] = await told();
    expect(opened?.payload).toMatchObject({
      action: "opened",
      pull_request: { title: hostile, body: "Why", user: { login: "mona" } },
    });
  });

  it("says why it did not open one", async () => {
    const form = { head: hostile, base: "main", title: "x", user: "mona" };
    const { status, html } = await send("/pulls", form);
    expect(status).toBe(409);
    expect(html).toContain("there is no branch &lt;img");
    expect(await told()).toEqual([]);
  });

  it("offers a fork's branches with their owner", async () => {
    await setup.github.forkRepository({ ...setup.name, by: "stranger" });
    expect(await page("/octo/web/compare")).toMatch(/<option *>stranger:feature\/x</);
  });
});

describe("the list of pull requests", () => {
  it("shows each with its state, and nothing of a title as HTML", async () => {
    await open({ title: hostile });
    const html = await page("/octo/web/pulls");
    expect(html).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
    expect(html).toContain("1 open, 0 closed");
    expect(html).toContain('href="/octo/web/pull/1"');
    expect(await page("/octo/web")).toMatch(/Pull requests\s*<span class="count">1</);
  });
});

describe("a pull request's page", () => {
  it("shows what was said, who said it in which role, and the reactions", async () => {
    const { number } = await open({ body: "It is **good**." });
    const { github, name } = setup;
    const body = `/deploy\n\n${hostile}\n\n[x](javascript:alert)`;
    const { id } = github.comment({ ...name, number, body, user: "rita" });
    github.react({ ...name, commentId: id, content: "eyes", user: "mona" });
    github.react({ ...name, commentId: id, content: "eyes", user: "octo" });
    const html = await page("/octo/web/pull/1");
    expect(html).toContain("<strong>good</strong>");
    expect(html).toContain("&lt;img src=x onerror=");
    expect(html).not.toContain("javascript:");
    expect(html).toMatch(/<strong>rita<\/strong>\s*<span class="pill">read</);
    expect(html).toContain('title="eyes by mona, octo"');
  });

  it("shows the head's checks with buttons that come back to it", async () => {
    const { number } = await open();
    const { data } = await setup.octokit.rest.checks.create({
      ...setup.name,
      name: "skep / production",
      head_sha: setup.github.pullRequests(setup.name)[0]?.pull.headSha ?? "",
      conclusion: "failure",
      output: { title: "Health check failed", summary: "**12 s**" },
      actions: [{ label: "Retry", description: "Once more", identifier: "retry" }],
    });
    const html = await page(`/octo/web/pull/${number}`);
    expect(html).toContain("Health check failed");
    expect(html).toContain("<strong>12 s</strong>");
    const referer = `${setup.github.url}/octo/web/pull/${number}`;
    const form = { identifier: "retry", user: "mona" };
    const actions = `/runs/${data.id}/actions`;
    expect((await send(actions, form, { referer })).to).toBe("/octo/web/pull/1");
    const foreign = "http://evil.test/elsewhere";
    expect((await send(actions, form, { referer: foreign })).to).toBe(`/octo/web/runs/${data.id}`);
  });

  it("posts a comment as the account chosen, byte for byte, and remembers the account", async () => {
    await open();
    await told();
    const form = { body: "/deploy staging\r\n\r\nplease", user: "rita" };
    const { status, to } = await send("/pull/1/comment", form);
    const [comment] = setup.github.comments(setup.name);
    expect([status, to]).toEqual([303, `/octo/web/pull/1#issuecomment-${comment?.id}`]);
    expect((await told())[0]?.payload).toMatchObject({
      action: "created",
      comment: { body: "/deploy staging\n\nplease", user: { login: "rita" } },
      sender: { login: "rita" },
    });
    const response = await fetch(`${setup.github.url}/octo/web/pull/1`, {
      headers: { cookie: "local-github-actor=rita" },
    });
    expect(await response.text()).toMatch(/<option value="rita" selected>/);
  });

  it("lets nobody comment who may not even look", async () => {
    await open();
    await told();
    const { status, html } = await send("/pull/1/comment", { body: "/deploy", user: "stranger" });
    expect(status).toBe(409);
    expect(html).toContain("commenting: stranger has the role");
    expect(html).not.toContain("issuecomment");
    expect((await send("/pull/1/comment", { body: " ", user: "mona" })).status).toBe(409);
    expect(await told()).toEqual([]);
    expect(await page("/octo/web/pull/1")).not.toContain('value="stranger"');
  });

  it("merges for whoever may write, and then says so", async () => {
    await open();
    await told();
    expect((await send("/pull/1/merge", { user: "rita" })).status).toBe(409);
    expect(stateOf(1)).toBe("open");
    expect((await send("/pull/1/merge", { user: "octo" })).status).toBe(303);
    const events = (await told()).map((one) => one.event);
    expect(events).toEqual(expect.arrayContaining(["push", "pull_request"]));
    const html = await page("/octo/web/pull/1");
    expect(html).toMatch(/<strong>octo<\/strong>\s*merged this/);
    expect(html).not.toContain('formaction="/octo/web/pull/1/merge"');
  });

  it("is closed and opened again by its author or by who may triage", async () => {
    await setup.github.pushFiles({ ...setup.name, branch: "b", files: { b: "b" } });
    await open({ user: "rita" });
    expect((await send("/pull/1/close", { user: "rita" })).status).toBe(303);
    expect(stateOf(1)).toBe("closed");
    expect((await send("/pull/1/reopen", { user: "mona" })).status).toBe(303);
    expect(stateOf(1)).toBe("open");
    await open({ head: "b", user: "octo" });
    expect((await send("/pull/2/close", { user: "rita" })).status).toBe(409);
    expect(stateOf(2)).toBe("open");
  });

  it("follows a draft until it is ready", async () => {
    await open({ draft: true });
    expect(await page("/octo/web/pull/1")).toContain("This is a draft");
    expect((await send("/pull/1/merge", { user: "mona" })).status).toBe(409);
    await send("/pull/1/ready", { user: "mona" });
    expect(await page("/octo/web/pull/1")).toContain("can be merged without conflicts");
  });

  it("takes no form from another site, and is not there when there is none", async () => {
    await open();
    const headers = { origin: "http://evil.test" };
    expect((await send("/pull/1/comment", { body: "/deploy" }, headers)).status).toBe(403);
    expect((await send("/pulls", { head: "feature/x" }, headers)).status).toBe(403);
    expect((await fetch(`${setup.github.url}/octo/web/pull/9`)).status).toBe(404);
  });
});

describe("a plain issue's page", () => {
  it("is a place to talk, and leads on when it is a pull request", async () => {
    const { number } = setup.github.openIssue({ ...setup.name, title: hostile, body: "**Why?**" });
    await open();
    const html = await page("/octo/web/issues/1");
    expect(html).toContain("<strong>Why?</strong>");
    expect(html).not.toContain("<img src=x");
    await told();
    const { to } = await send(`/issues/${number}/comment`, { body: "/deploy", user: "mona" });
    expect(to).toMatch(/^\/octo\/web\/issues\/1#issuecomment-\d+$/);
    expect((await told())[0]?.payload).toMatchObject({
      issue: { number: 1 },
      comment: { body: "/deploy" },
    });
    const response = await fetch(`${setup.github.url}/octo/web/issues/2`, { redirect: "manual" });
    expect(response.headers.get("location")).toBe("/octo/web/pull/2");
  });
});

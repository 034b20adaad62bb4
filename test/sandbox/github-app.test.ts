import { createSign } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startLocalGitHub } from "../../sandbox/github/local-github.ts";
import { appClient, refusal, type Setup, setUp, silent, wideManifest } from "./github-support.ts";

let setup: Setup;
beforeEach(async () => {
  setup = await setUp();
});
afterEach(() => setup.close());

function jwt(claims: object, key = setup.github.app.privateKey, alg = "RS256"): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const text = `${encode({ alg, typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(key, "base64url")}`;
}

async function ask(path: string, token: string, method = "GET") {
  const response = await fetch(setup.github.apiUrl + path, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, body: await response.text() };
}

describe("the App's JWT", () => {
  const now = Math.floor(Date.now() / 1000);
  it("is taken when it is right", async () => {
    const { status, body } = await ask(
      "/app",
      jwt({ iat: now - 30, exp: now + 570, iss: setup.github.app.id }),
    );
    expect([status, JSON.parse(body)]).toMatchObject([200, { slug: "wide-app" }]);
  });

  it.each<[string, object, RegExp]>([
    ["of another issuer", { iss: "1" }, /Issuer/],
    ["that has expired", { exp: now - 1 }, /Expiration time/],
    ["valid for too long", { exp: now + 3600 }, /too far in the future/],
    ["of the future", { iat: now + 600 }, /Issued at/],
    ["without expiry", { exp: undefined }, /could not be decoded/],
  ])("is refused %s", async (_what, wrong, message) => {
    const claims = { iat: now - 30, exp: now + 500, iss: String(setup.github.app.id), ...wrong };
    const { status, body } = await ask("/app", jwt(claims));
    expect(status).toBe(401);
    expect(body).toMatch(message);
  });

  it("is refused with a forged signature", async () => {
    const good = jwt({ iat: now, exp: now + 500, iss: String(setup.github.app.id) });
    expect((await ask("/app", `${good.slice(0, -6)}AAAAAA`)).status).toBe(401);
    expect((await ask("/app", jwt({ iat: now }, setup.github.app.privateKey, "none"))).status).toBe(
      401,
    );
  });

  it("gives tokens, installations and the installation of a repository", async () => {
    const { rest } = setup.octokit;
    const { data } = await rest.apps.listInstallations();
    expect(data).toMatchObject([{ account: { login: "octo" }, permissions: { checks: "write" } }]);
    const id = data[0]?.id ?? 0;
    expect((await rest.apps.getRepoInstallation(setup.name)).data.id).toBe(id);
    expect((await rest.apps.getInstallation({ installation_id: id })).data.id).toBe(id);
    expect(
      (await refusal(rest.apps.getRepoInstallation({ owner: "octo", repo: "none" }))).status,
    ).toBe(404);
    expect(setup.github.problems()).toEqual([]);
  });
});

describe("an installation token", () => {
  async function token(more: object = {}): Promise<{ token: string; expires_at: string }> {
    const [installation] = (await setup.octokit.rest.apps.listInstallations()).data;
    const use = { installation_id: installation?.id ?? 0, ...more };
    return (await setup.octokit.rest.apps.createInstallationAccessToken(use)).data;
  }

  it("looks like GitHub's and lives for an hour", async () => {
    const { token: text, expires_at } = await token();
    expect(text).toMatch(/^ghs_[0-9A-Za-z]{36}$/);
    expect(Math.abs(Date.parse(expires_at) - Date.now() - 3_600_000)).toBeLessThan(5000);
  });

  it("survives a restart of the server, and so do check runs", async () => {
    const { token: text } = await token();
    const { data } = await setup.octokit.rest.checks.create({
      ...setup.name,
      name: "a",
      head_sha: setup.sha,
    });
    await setup.github.close();
    const again = await startLocalGitHub({
      directory: join(setup.directory, "github"),
      manifest: wideManifest,
    });
    try {
      const octokit = new Octokit({ baseUrl: again.apiUrl, auth: text });
      const run = await octokit.rest.checks.get({ ...setup.name, check_run_id: data.id });
      expect(run.data.name).toBe("a");
      expect(again.app).toEqual(setup.github.app);
    } finally {
      await again.close();
    }
  });

  it("ends after an hour", async () => {
    let now = new Date();
    const directory = join(setup.directory, "second");
    const github = await startLocalGitHub({ directory, now: () => now });
    try {
      await github.createRepository({ owner: "octo", name: "web", private: true });
      const { id } = github.installApp({ owner: "octo" });
      const auth = createAppAuth({
        appId: github.app.id,
        privateKey: github.app.privateKey,
        request: new Octokit({ baseUrl: github.apiUrl }).request,
      });
      const { token: text } = await auth({ type: "installation", installationId: id });
      const octokit = new Octokit({ baseUrl: github.apiUrl, auth: text, log: silent });
      await octokit.rest.repos.get(setup.name);
      now = new Date(now.getTime() + 3_601_000);
      expect(await refusal(octokit.rest.repos.get(setup.name))).toMatchObject({ status: 401 });
    } finally {
      await github.close();
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("may be asked for with fewer permissions and repositories, never with more", async () => {
    await setup.github.createRepository({ owner: "octo", name: "other", private: true });
    const { token: text } = await token({
      repositories: ["web"],
      permissions: { contents: "read" },
    });
    const octokit = new Octokit({ baseUrl: setup.github.apiUrl, auth: text, log: silent });
    const { data } = await octokit.rest.apps.listReposAccessibleToInstallation();
    expect(data.repositories.map((one) => one.name)).toEqual(["web"]);
    await octokit.rest.repos.getContent({ ...setup.name, path: "Dockerfile" });
    const use = { ...setup.name, name: "a", head_sha: setup.sha };
    expect(await refusal(octokit.rest.checks.create(use))).toMatchObject({ status: 403 });
    expect((await refusal(octokit.rest.repos.get({ owner: "octo", repo: "other" }))).status).toBe(
      404,
    );
    expect((await refusal(token({ permissions: { pages: "write" } }))).status).toBe(422);
    expect((await refusal(token({ repositories: ["none"] }))).status).toBe(422);
    expect(setup.github.problems()).toEqual([]);
  });

  it("does not open a repository where the App is not installed", async () => {
    await setup.github.createRepository({ owner: "hub", name: "closed", private: true });
    await setup.github.createRepository({ owner: "hub", name: "open" });
    const { rest } = setup.octokit;
    expect((await refusal(rest.repos.get({ owner: "hub", repo: "closed" }))).status).toBe(404);
    await rest.repos.get({ owner: "hub", repo: "open" });
    const use = { owner: "hub", repo: "open", name: "a", head_sha: setup.sha };
    expect(await refusal(rest.checks.create(use))).toMatchObject({
      status: 403,
      message: expect.stringContaining("Resource not accessible by integration"),
    });
  });
});

it("lets the App do only what its manifest asks for, and hear only that", async () => {
  const manifest = join(setup.directory, "app.yml");
  await writeFile(
    manifest,
    "name: Small\nurl: http://small.test\ndefault_events: [push]\ndefault_permissions: { contents: read, checks: read }\n",
  );
  const directory = join(setup.directory, "small");
  const github = await startLocalGitHub({ directory, manifest, webhookUrl: setup.receiver.url });
  try {
    await github.createRepository({ owner: "octo", name: "web" });
    const { id } = github.installApp({ owner: "octo" });
    const { sha } = await github.pushFiles({ ...setup.name, files: { a: "a" } });
    await github.idle();
    expect(github.deliveries.map((one) => one.event)).toEqual(["installation", "push"]);
    const octokit = appClient(github, id);
    const refused = await refusal(
      octokit.rest.checks.create({ ...setup.name, name: "a", head_sha: sha }),
    );
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.message).toContain("Resource not accessible by integration");
    expect((await refusal(octokit.rest.repos.listDeployments(setup.name))).status).toBe(403);
    await octokit.rest.checks.listForRef({ ...setup.name, ref: sha });
  } finally {
    await github.close();
  }
});

it("answers at the root as under /api/v3", async () => {
  const { token } = await setup.octokit.rest.apps
    .listInstallations()
    .then(({ data }) =>
      setup.octokit.rest.apps.createInstallationAccessToken({ installation_id: data[0]?.id ?? 0 }),
    )
    .then(({ data }) => data);
  const octokit = new Octokit({ baseUrl: setup.github.url, auth: token });
  expect((await octokit.rest.repos.get(setup.name)).data.full_name).toBe("octo/web");
  expect((await ask("/nothing/here", token)).status).toBe(404);
  expect(setup.github.requests.count({ operationId: "repos/get" })).toBe(1);
});

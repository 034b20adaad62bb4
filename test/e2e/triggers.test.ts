import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openProduct, type Product } from "../support/product.ts";
import type { App } from "../support/product-app.ts";
import { person } from "../support/product-pull.ts";
import { countBuilds } from "../support/product-data.ts";
import { waitUntil } from "../support/wait-until.ts";
import { quickConfig, webDockerfile } from "../support/web-files.ts";

let product: Product;
let app: App;

beforeAll(async () => {
  product = await openProduct();
  await product.start();
});

afterEach(async () => {
  product.github.setDeliveryMode({});
  await app.remove();
  expect(product.problems()).toEqual([]);
});

afterAll(() => product.close());

async function openApp(name: string, environments: string): Promise<string> {
  app = await product.app(name, name);
  const config = `${quickConfig()}environments:\n${environments}`;
  return await app.push({ Dockerfile: webDockerfile("one"), ".github/skep.yml": config });
}

const repo = (): { owner: string; repo: string } => ({ owner: app.owner, repo: app.name });

describe("a tag", () => {
  test("deploys by its name, and builds nothing when its tree was built", async () => {
    const sha = await openApp(
      "tag",
      "  production: { deploy_on: { tag: 'v*' } }\n  staging: { deploy_on: { push: main } }\n",
    );
    await app.finished(sha);
    const builds = countBuilds(product.dataDir);
    await product.github.createTag({ ...repo(), name: "v1.0.0", message: "First" });
    await app.finished(sha, { count: 2 });
    expect(app.records().at(-1)).toMatchObject({
      environment: "production",
      version: "v1.0.0",
      ref: "refs/tags/v1.0.0",
      state: "succeeded",
    });
    expect(countBuilds(product.dataDir)).toBe(builds);
    await product.github.createTag({ ...repo(), name: "nightly" });
    expect(await app.decided("push")).toBe("tag_not_deployed");
  });

  test("that is older than the newest decided deploys nothing, in whatever order they come", async () => {
    await openApp("tag-order", "  production: { deploy_on: { tag: 'v*' } }\n");
    product.github.setDeliveryMode({ events: ["push"], hold: true });
    for (const name of ["v1.9.0", "v1.10.0"]) {
      await product.github.createTag({ ...repo(), name });
    }
    product.github.setDeliveryMode({});
    product.github.releaseDeliveries({ order: "reversed" });
    await waitUntil("v1.10.0 runs", () =>
      app.records().some(({ version, state }) => version === "v1.10.0" && state === "succeeded"),
    );
    expect(app.records().map(({ version }) => version)).toEqual(["v1.10.0"]);
  });

  test("with a release deploys once where both are asked for", async () => {
    await openApp(
      "tag-release",
      "  production: { deploy_on: { tag: 'v*', release: published } }\n  preview: { deploy_on: { release: published } }\n",
    );
    await product.github.createRelease({ ...repo(), tag: "v2.0.0" });
    await waitUntil(
      "both run",
      () => app.records().filter(({ state }) => state === "succeeded").length >= 2,
    );
    await product.github.idle();
    const made = app.records().map(({ environment, version }) => `${environment} ${version}`);
    expect(made.toSorted()).toEqual(["preview v2.0.0", "production v2.0.0"]);
  });
});

describe("a GitHub deployment made by somebody else", () => {
  test("is carried out once and reported on that very deployment", async () => {
    const sha = await openApp("asked", "  production: {}\n  staging: { deploy_on: {} }\n");
    await app.finished(sha);
    const asked = await product.github.requestDeployment({
      ...repo(),
      ref: "main",
      environment: "staging",
      description: "from outside",
    });
    const run = await app.finished(sha, { count: 2 });
    expect(run).toMatchObject({ name: "skep / staging", conclusion: "success" });
    const shown = (): readonly { id: number; states: string[] }[] =>
      app
        .deployments(sha)
        .filter(({ environment }) => environment === "staging")
        .map(({ id, statuses }) => ({ id, states: statuses.map(({ state }) => state) }));
    await waitUntil("it is told", () => shown()[0]?.states.at(-1) === "success");
    expect(shown()).toHaveLength(1);
    expect(shown()[0]?.id).toBe(asked.id);
    expect(new Set(shown()[0]?.states).size).toBe(shown()[0]?.states.length);
    await product.github.idle();
    expect(app.records()).toHaveLength(2);
  });

  test("by a workflow's bot counts as somebody who may write", async () => {
    const sha = await openApp("asked-bot", "  production: {}\n");
    await app.finished(sha);
    const bot = product.github.addOtherApp({
      owner: app.owner,
      slug: "github-actions",
      permissions: { deployments: "write" },
    });
    const next = await app.push({ Dockerfile: webDockerfile("two") }, { branch: "topic" });
    await product.github.requestDeployment({
      ...repo(),
      ref: "topic",
      environment: "production",
      user: bot.login,
    });
    expect((await app.finished(next)).conclusion).toBe("success");
  });

  test("for an environment that is none of ours is left alone", async () => {
    const sha = await openApp("asked-other", "  production: {}\n");
    await app.finished(sha);
    await product.github.requestDeployment({ ...repo(), ref: "main", environment: "github-pages" });
    expect(await app.decided("deployment")).toBe("environment_unknown");
    const [, other] = app.deployments(sha);
    expect(other?.statuses).toEqual([]);
  });

  test("by somebody who lost write access meanwhile fails on that deployment", async () => {
    const sha = await openApp("asked-lost", "  production: {}\n");
    await app.finished(sha);
    const wanda = person(product, app, "wanda", "write");
    product.github.setDeliveryMode({ events: ["deployment"], hold: true });
    await product.github.requestDeployment({
      ...repo(),
      ref: "main",
      environment: "production",
      user: wanda,
    });
    person(product, app, "wanda", "read");
    product.github.setDeliveryMode({});
    product.github.releaseDeliveries();
    const run = await app.finished(sha, { count: 2 });
    expect(run).toMatchObject({ conclusion: "failure" });
    expect(run.summary).toMatch(/not_authorized/);
    await waitUntil(
      "the deployment shows it",
      () => app.deployments(sha)[1]?.statuses.at(-1)?.state === "failure",
    );
  });
});

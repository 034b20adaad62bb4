import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openProduct, type Product } from "../support/product.ts";
import type { App } from "../support/product-app.ts";
import { countBuilds, hasDelivery, readDeployments } from "../support/product-data.ts";
import { quickConfig, webDockerfile, webFiles } from "../support/web-files.ts";

let product: Product;
let app: App;

beforeAll(async () => {
  product = await openProduct();
  await product.start();
});

afterEach(async () => {
  await app.remove();
  expect(product.problems()).toEqual([]);
});

afterAll(() => product.close());

test("a push is built, deployed and shown on GitHub from its start to its end", async () => {
  app = await product.app("push-shown");
  const url = "https://shop.example.com/";
  const config = `${quickConfig()}environments:\n  production:\n    url: ${url}\n`;
  const first = await app.push({ Dockerfile: webDockerfile("one"), ".github/skep.yml": config });

  const run = await app.finished(first);

  expect(run).toMatchObject({ name: "skep / production", conclusion: "success", actions: [] });
  expect(run.title).toMatch(
    new RegExp(`^${first.slice(0, 7)} runs in production after [\\d.]+ m?s$`),
  );
  expect(run.summary).toMatch(/The requested version runs on all wanted tasks/);
  for (const phase of ["Pre-build", "Build", "Pre-deploy", "Deploy", "Post-deploy"])
    expect(run.summary).toMatch(new RegExp(`\\| ${phase} \\| ✓ succeeded \\|`));
  expect(run.text).toMatch(/create/);
  expect(app.deployments(first)).toMatchObject([{ environment: "production", isProduction: true }]);
  expect(app.statesOf(first)).toEqual(["in_progress", "success"]);
  const [status] = app.deployments(first)[0]?.statuses.slice(-1) ?? [];
  expect(status?.environmentUrl).toBe(url);
  expect(status?.logUrl).toBe(run.detailsUrl);
  const page = await fetch(run.detailsUrl ?? "");
  expect(page.status).toBe(200);
  expect(await page.text()).toContain(first.slice(0, 7));
  const service = await app.service();
  expect(service?.Spec.TaskTemplate.ContainerSpec.Image).toMatch(
    /^localhost\/acme\/push-shown:[0-9a-f]{16}$/,
  );

  product.github.requests.reset();
  const second = await app.push({ Dockerfile: webDockerfile("two") });
  const next = await app.finished(second);

  expect(next.conclusion).toBe("success");
  expect(next.text).toMatch(/update/);
  await app.untilState(first, "inactive");
  expect(app.statesOf(first)).toEqual(["in_progress", "success", "inactive"]);
  expect(app.statesOf(second)).toEqual(["in_progress", "success"]);
  const requests = product.github.requests.find({ kind: "api" });
  const asked = requests.map(({ operationId }) => operationId ?? "");
  expect(asked.length, asked.join(", ")).toBeLessThanOrEqual(8);
  const now = await app.service();
  expect(now?.PreviousSpec?.Labels["skep.deployment"]).toBe(
    service?.Spec.Labels["skep.deployment"],
  );
});

test("an unchanged tree is built once, in whatever commit and for whatever environment", async () => {
  app = await product.app("push-once");
  const build = { Dockerfile: webDockerfile("one"), ".dockerignore": ".github\n" };
  const config = `${quickConfig()}environments:\n  staging: {}\n  production: {}\n`;
  const before = countBuilds(product.dataDir);
  const first = await app.push({ ...build, "site/.keep": "", ".github/skep.yml": config });
  await app.finished(first, { count: 2 });
  const runs = app.checkRuns(first);
  expect(runs.map(({ name }) => name).toSorted()).toEqual(["skep / production", "skep / staging"]);
  expect(runs.map(({ conclusion }) => conclusion)).toEqual(["success", "success"]);

  const broken = await app.push({ Dockerfile: webDockerfile("two") });
  await app.finished(broken, { count: 2 });
  const reverted = await app.push({ Dockerfile: build.Dockerfile });
  await app.finished(reverted, { count: 2 });

  expect(app.checkRuns(reverted).map(({ conclusion }) => conclusion)).toEqual([
    "success",
    "success",
  ]);
  for (const run of app.checkRuns(reverted)) expect(run.summary).toMatch(/already built/);
  expect(countBuilds(product.dataDir) - before).toBe(2);
  const built = readDeployments(product.dataDir)
    .filter(({ repository }) => repository.id === app.repositoryId)
    .flatMap(({ phases }) => phases.filter(({ phase }) => phase === "build"));
  expect(built.map(({ outcome }) => outcome).toSorted()).toEqual([
    "skipped",
    "skipped",
    "skipped",
    "skipped",
    "succeeded",
    "succeeded",
  ]);
});

test("a newer push takes the place of one that waits, on GitHub too", async () => {
  app = await product.app("push-newer");
  const slow = `${webDockerfile("one")}RUN sleep 3\n`;
  const running = await app.push({ ...webFiles("one"), Dockerfile: slow });
  await app.untilState(running, "in_progress");
  const waiting = await app.push({ Dockerfile: webDockerfile("two") });
  await app.untilState(waiting, "queued");
  const newest = await app.push({ Dockerfile: webDockerfile("three") });

  const skipped = await app.finished(waiting);
  expect(skipped.conclusion).toBe("skipped");
  expect(skipped.title).toMatch(new RegExp(`^Superseded by ${newest.slice(0, 7)} \\(#3\\)$`));
  expect(skipped.summary).toMatch(/Nothing of this one was deployed/);
  expect((await app.finished(running)).conclusion).toBe("success");
  expect((await app.finished(newest)).conclusion).toBe("success");
  expect(app.statesOf(waiting)).toEqual(["queued", "inactive"]);
  await app.untilState(running, "inactive");
  expect(app.statesOf(newest).at(-1)).toBe("success");
});

test("what no environment asks for deploys nothing and shows nothing", async () => {
  app = await product.app("push-quiet");
  const config = `path: app\n${quickConfig()}`;
  const files = { "app/Dockerfile": webDockerfile("one"), ".github/skep.yml": config };
  const first = await app.push(files);
  expect((await app.finished(first)).conclusion).toBe("success");

  const elsewhere = await app.push({ "app/Dockerfile": webDockerfile("two") }, { branch: "topic" });
  expect(await app.decided("push")).toBe("branch_not_deployed");
  const untouched = await app.push({ "README.md": "words\n" });
  expect(await app.decided("push")).toBe("path_unchanged");
  await app.git("push", "--quiet", "origin", ":refs/heads/topic");
  expect(await app.decided("push")).toBe("branch_deleted");
  await app.git("push", "--quiet", "origin", `${first}:refs/tags/v1`);
  expect(await app.decided("push")).toBe("tag_not_deployed");

  for (const sha of [elsewhere, untouched]) {
    expect(app.checkRuns(sha)).toEqual([]);
    expect(app.deployments(sha)).toEqual([]);
  }
  expect(app.checkRuns(first)).toHaveLength(1);
});

test("a forced push back to an earlier commit deploys that commit again", async () => {
  app = await product.app("push-forced");
  const first = await app.push(webFiles("one"));
  await app.finished(first);
  const second = await app.push({ Dockerfile: webDockerfile("two") });
  await app.finished(second);
  await app.git("push", "--quiet", "--force", "origin", `${first}:refs/heads/main`);
  const run = await app.finished(first, { count: 2 });
  expect(run.conclusion).toBe("success");
  expect(run.summary).toMatch(/already built/);
});

test("a delivery with a wrong or missing signature is refused and not stored", async () => {
  app = await product.app("push-forged");
  const body = JSON.stringify({ zen: "x", repository: { id: app.repositoryId } });
  for (const signature of [undefined, "sha256=00", `sha256=${"0".repeat(64)}`]) {
    const guid = crypto.randomUUID();
    const answer = await fetch(product.webhookUrl, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "x-github-event": "push",
        "x-github-delivery": guid,
        ...(signature !== undefined && { "x-hub-signature-256": signature }),
      },
    });
    expect(answer.status).toBe(400);
    expect(hasDelivery(product.dataDir, guid)).toBe(false);
  }
});

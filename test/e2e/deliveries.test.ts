import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { sharedDocker } from "../support/engine.ts";
import { openProduct, type Product } from "../support/product.ts";
import type { App } from "../support/product-app.ts";
import { readOutcomes } from "../support/product-data.ts";
import { expectShownFailure } from "../support/shown-failure.ts";
import { waitUntil } from "../support/wait-until.ts";
import { quickConfig, webDockerfile, webFiles } from "../support/web-files.ts";

let product: Product;
let apps: App[] = [];

beforeAll(async () => {
  product = await openProduct();
  await product.start();
});

afterEach(async () => {
  product.github.setDeliveryMode({});
  await Promise.all(apps.map((app) => app.remove()));
  apps = [];
  expect(product.problems()).toEqual([]);
});

afterAll(() => product.close());

async function openApp(name: string): Promise<App> {
  const app = await product.app(name);
  apps.push(app);
  return app;
}

/** Waits until every delivery of the app is decided. */
async function untilDecided(app: App): Promise<void> {
  await product.github.idle();
  const guids = product.github.deliveries
    .filter(({ repositoryId }) => repositoryId === app.repositoryId)
    .map(({ guid }) => guid);
  await waitUntil("all deliveries are decided", () =>
    guids.every((guid) => readOutcomes(product.dataDir, guid).length > 0),
  );
}

test("a delivery that comes twice, and once more by hand, deploys once", async () => {
  const app = await openApp("twice");
  product.github.setDeliveryMode({ duplicate: true });
  const sha = await app.push(webFiles("one"));
  await app.finished(sha);
  const [delivery] = product.github.deliveries.filter(
    ({ event, repositoryId }) => event === "push" && repositoryId === app.repositoryId,
  );
  expect(product.github.redeliver(delivery?.id ?? 0)).toBe(true);
  await untilDecided(app);
  expect(app.records()).toHaveLength(1);
  expect(app.checkRuns(sha)).toHaveLength(1);
});

test("pushes whose deliveries arrive in reverse order end with the newest", async () => {
  const app = await openApp("reversed");
  await app.finished(await app.push(webFiles("zero")));
  product.github.setDeliveryMode({ events: ["push"], shuffleWithinMs: 1_500 });
  const shas: string[] = [];
  for (const answer of ["one", "two", "three"]) {
    shas.push(await app.push({ Dockerfile: webDockerfile(answer) }));
  }
  await untilDecided(app);
  const newest = shas.at(-1) ?? "";
  expect((await app.finished(newest)).conclusion).toBe("success");
  await waitUntil("all is over", () => app.records().every(({ finishedAt }) => finishedAt));
  const last = app.records().findLast(({ state }) => state === "succeeded");
  expect(last?.sha).toBe(newest);
  expect((await app.service())?.Spec.Labels["skep.deployment"]).toBe(last?.id);
});

test("many repositories at once are deployed side by side, each to its own end", async () => {
  const names = Array.from({ length: 6 }, (_, index) => `many-${index}`);
  const all = await Promise.all(names.map(openApp));
  const shas = await Promise.all(all.map((app) => app.push(webFiles(app.name))));
  for (const [index, app] of all.entries()) {
    const run = await app.finished(shas[index] ?? "", { deadlineMs: 90_000 });
    expect(run.conclusion, run.summary ?? "").toBe("success");
    expect((await app.service())?.Spec.Labels["skep.owner"]).toContain(String(app.repositoryId));
  }
});

test("a stack's name that another repository has is refused, and both stay as they are", async () => {
  const owner = await openApp("name-owner");
  await owner.finished(await owner.push(webFiles("one")));
  const before = await owner.service();
  const other = await openApp("name-taker");
  const config = `${quickConfig()}environments:\n  production: { stack_name: name-owner-production }\n`;
  const sha = await other.push({ ...webFiles("two"), ".github/skep.yml": config });
  expectShownFailure(await other.finished(sha), {
    code: "stack_not_owned",
    title: /^Refused: stack name-owner-production belongs to another environment/,
    cause: /belongs to another environment; nothing was deployed/,
    next: /^Give production a stack_name of its own/,
    now: /^nothing was changed on the Swarm\.$/,
  });
  expect((await owner.service())?.Version).toEqual(before?.Version);
});

test("a service that somebody else made is left alone", async () => {
  const app = await openApp("foreign");
  await sharedDocker().createService({
    Name: app.serviceName,
    TaskTemplate: {
      ContainerSpec: { Image: BUSYBOX_IMAGE, Command: ["sleep", "1000"], Init: true },
    },
  });
  const before = await app.service();
  expectShownFailure(await app.finished(await app.push(webFiles("one"))), {
    code: "stack_not_owned",
    title: /^Failed: the service foreign-production_foreign exists already/,
    cause: /is part of no stack/,
    next: /stack_name/,
    now: /^nothing was changed on the Swarm\.$/,
  });
  expect((await app.service())?.Version).toEqual(before?.Version);
});

test("a service removed by hand is made again by the next push", async () => {
  const app = await openApp("removed");
  await app.finished(await app.push(webFiles("one")));
  await app.remove();
  const sha = await app.push({ Dockerfile: webDockerfile("two") });
  expect((await app.finished(sha)).conclusion).toBe("success");
  expect(await app.service()).not.toBeNull();
});

test("branches deploy to their own environments", async () => {
  const app = await openApp("branches");
  const environments =
    "environments:\n  production: {}\n  staging: { deploy_on: { push: stage } }\n";
  const files = { ...webFiles("one"), ".github/skep.yml": `${quickConfig()}${environments}` };
  const main = await app.push(files);
  expect((await app.finished(main)).name).toBe("skep / production");
  const stage = await app.push({ Dockerfile: webDockerfile("stage") }, { branch: "stage" });
  expect((await app.finished(stage)).name).toBe("skep / staging");
  expect(app.deployments(stage)).toMatchObject([{ environment: "staging", isProduction: false }]);
  expect(await app.service("branches-staging_branches")).not.toBeNull();
});

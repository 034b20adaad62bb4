import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openProduct, type Product } from "../support/product.ts";
import type { App } from "../support/product-app.ts";
import { openPull, type Pull } from "../support/product-pull.ts";
import { countBuilds } from "../support/product-data.ts";
import { sharedDocker } from "../support/engine.ts";
import { waitUntil } from "../support/wait-until.ts";
import { quickConfig, webDockerfile } from "../support/web-files.ts";

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

const BOTH = "environments:\n  production: { deploy_on: { push: main, tag: 'v*' } }\n";

async function tag(name: string): Promise<void> {
  await product.github.createTag({ owner: app.owner, repo: app.name, name });
}

/** Deploys versions, one after the other, each by its tag alone; returns the commit of each. */
async function release(config: string, ...versions: readonly string[]): Promise<readonly string[]> {
  const shas: string[] = [];
  for (const version of versions) {
    const files = { Dockerfile: webDockerfile(version), ".github/skep.yml": config };
    const sha = await app.push(files);
    await tag(version);
    await waitUntil(`${version} runs`, () =>
      app.records().some((one) => one.version === version && one.state === "succeeded"),
    );
    shas.push(sha);
  }
  return shas;
}

/** The image that the app's service runs, by name and by the engine's id. */
async function runningImage(): Promise<{ readonly name: string; readonly id: string }> {
  const name = (await app.service())?.Spec.TaskTemplate.ContainerSpec.Image ?? "";
  return { name, id: (await sharedDocker().getImage(name).inspect()).Id };
}

async function openTopic(): Promise<Pull> {
  return await openPull(product, app, { "NOTES.md": "words\n" });
}

test("a rollback runs the old image again, holds the environment, and resume lets the next push go", async () => {
  app = await product.app("back", "back");
  const config = `${quickConfig()}${BOTH.replace("push: main, ", "")}`;
  const images: string[] = [];
  const shas: string[] = [];
  for (const version of ["v1.0.0", "v1.0.1", "v1.0.2", "v1.0.3"]) {
    shas.push(...(await release(config, version)));
    images.push((await runningImage()).id);
  }
  const pull = await openTopic();
  const builds = countBuilds(product.dataDir);

  const comment = pull.comment("/rollback v1.0.1");

  expect(await pull.ended(comment)).toBe("rocket");
  expect(pull.reactions(comment)).toEqual(["eyes", "rocket"]);
  expect((await runningImage()).id).toBe(images[1]);
  expect(countBuilds(product.dataDir)).toBe(builds);
  const run = await app.finished(shas[1] ?? "", { count: 2 });
  expect(run).toMatchObject({ name: "skep / production", conclusion: "success" });
  expect(run.title).toMatch(/v1\.0\.1/);
  const [, again] = app.deployments(shas[1] ?? "");
  expect(again?.description).toMatch(/Roll.* v1\.0\.1/);
  expect(again?.statuses.at(-1)?.state).toBe("success");
  await waitUntil(
    "v1.0.3 is inactive",
    () => app.deployments(shas[3] ?? "")[0]?.statuses.at(-1)?.state === "inactive",
  );
  expect(await pull.untilStatus(/v1\.0\.1/)).toMatch(/Held/);

  await app.push({ Dockerfile: webDockerfile("v1.0.4") });
  await tag("v1.0.4");
  await waitUntil("v1.0.4 waits", () =>
    app.records().some(({ version, state }) => version === "v1.0.4" && state === "waiting"),
  );
  const waiting = app.records().find(({ version }) => version === "v1.0.4");
  await waitUntil("the commit shows that it waits", () =>
    app.checkRuns(waiting?.sha ?? "").some(({ title }) => /waits/.test(title ?? "")),
  );
  const [shown] = app.checkRuns(waiting?.sha ?? "");
  expect(shown).toMatchObject({ status: "queued", conclusion: null });
  expect(shown?.summary).toMatch(/\/resume/);
  expect((await runningImage()).id).toBe(images[1]);

  const resume = pull.comment("/resume");
  expect(await pull.ended(resume)).toBe("+1");
  const after = await app.finished(waiting?.sha ?? "");
  expect(after.conclusion).toBe("success");
  expect(app.records().at(-1)).toMatchObject({ version: "v1.0.4", state: "succeeded" });
});

test("rollback without a target goes back one, then one further; a number counts releases", async () => {
  app = await product.app("back-by", "back-by");
  const config = `${quickConfig()}${BOTH.replace("push: main, ", "")}`;
  await release(config, "v1.0.0", "v1.0.1", "v1.0.2");
  const pull = await openTopic();
  expect(await pull.ended(pull.comment("/rollback"))).toBe("rocket");
  expect(app.records().at(-1)).toMatchObject({ kind: "rollback", version: "v1.0.1" });
  expect(await pull.ended(pull.comment("/rollback production v1.0.1"))).toBe("-1");
  expect(await pull.untilStatus(/release_running/)).toMatch(/v1\.0\.1/);
  expect(await pull.ended(pull.comment("/deploy at v1.0.2"))).toBe("rocket");
  expect(await pull.ended(pull.comment("/rollback 9"))).toBe("-1");
  expect(await pull.ended(pull.comment("/rollback v9"))).toBe("-1");
  expect(await pull.untilStatus(/version_unknown/)).toMatch(/v1\.0\.0/);
});

test("a rollback whose image is gone is refused before anything happens, and says what to do", async () => {
  app = await product.app("back-gone", "back-gone");
  const config = `${quickConfig()}${BOTH.replace("push: main, ", "")}`;
  await release(config, "v1.0.0");
  const { name } = await runningImage();
  await release(config, "v1.0.1");
  const before = await app.service();
  await waitUntil("no container uses the old image", async () => {
    const containers = await sharedDocker().listContainers({ all: true });
    await Promise.all(
      containers
        .filter(({ Image }) => Image === name)
        .map(({ Id }) => sharedDocker().getContainer(Id).remove({ force: true })),
    );
    return await sharedDocker()
      .getImage(name)
      .remove()
      .then(
        () => true,
        () => false,
      );
  });
  const pull = await openTopic();
  expect(await pull.ended(pull.comment("/rollback v1.0.0"))).toBe("-1");
  expect(await pull.untilStatus(/image_gone/)).toMatch(/\/deploy production at/);
  expect((await app.service())?.Version).toEqual(before?.Version);
  expect(app.records().some(({ kind }) => kind === "rollback")).toBe(false);
});

test("the check run's button goes back like the command", async () => {
  app = await product.app("back-button", "back-button");
  const config = `${quickConfig()}${BOTH.replace(", tag: 'v*'", "")}`;
  const first = await app.push({ Dockerfile: webDockerfile("one"), ".github/skep.yml": config });
  await app.finished(first);
  const image = await runningImage();
  const second = await app.push({ Dockerfile: webDockerfile("two") });
  const run = await app.finished(second);
  expect(run.actions.map(({ identifier }) => identifier)).toEqual(["roll_back"]);
  app.press(run, { identifier: "roll_back" });
  expect((await app.finished(first, { count: 2 })).conclusion).toBe("success");
  expect((await runningImage()).id).toBe(image.id);
  const third = await app.push({ Dockerfile: webDockerfile("three") });
  await waitUntil("the next push waits", () =>
    app.checkRuns(third).some(({ title }) => /waits/.test(title ?? "")),
  );
});

test("an explicit deploy lifts the hold", async () => {
  app = await product.app("back-lift", "back-lift");
  const config = `${quickConfig()}${BOTH.replace(", tag: 'v*'", "")}`;
  await app.finished(
    await app.push({ Dockerfile: webDockerfile("one"), ".github/skep.yml": config }),
  );
  await app.finished(await app.push({ Dockerfile: webDockerfile("two") }));
  const pull = await openTopic();
  expect(await pull.ended(pull.comment("/rollback"))).toBe("rocket");
  const third = await app.push({ Dockerfile: webDockerfile("three") });
  await waitUntil("the push waits", () =>
    app.records().some(({ sha, state }) => sha === third && state === "waiting"),
  );
  expect(await pull.ended(pull.comment("/deploy production at main"))).toBe("rocket");
  const states = app
    .records()
    .filter(({ sha }) => sha === third)
    .map(({ state }) => state);
  expect(states).toEqual(["superseded", "succeeded"]);
  const fourth = await app.push({ Dockerfile: webDockerfile("four") });
  expect((await app.finished(fourth)).conclusion).toBe("success");
});

import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createEngineDoor, type EngineDoor } from "../support/engine-door.ts";
import { openProduct, type Product } from "../support/product.ts";
import type { App } from "../support/product-app.ts";
import { readDeployments, redisPidOf } from "../support/product-data.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitUntil } from "../support/wait-until.ts";
import { FROM, webDockerfile, webFiles } from "../support/web-files.ts";

let dir: TempDir;
let door: EngineDoor;
let product: Product;
let app: App;
let apps = 0;

beforeEach(async () => {
  dir = await makeTempDir();
  door = await createEngineDoor(join(dir.path, "door.sock"));
  product = await openProduct({ DOCKER_HOST: door.address });
  app = await product.app(`disturbed-${++apps}`);
  await product.start();
});

afterEach(async () => {
  door.open();
  await product.close();
  await app.remove();
  await door.close();
  await dir.remove();
  expect(product.problems()).toEqual([]);
});

/** Waits until the app's only unfinished deployment is in a phase. */
async function untilPhase(phase: string): Promise<void> {
  await waitUntil(`a deployment is in ${phase}`, () =>
    readDeployments(product.dataDir).some(
      (one) => one.finishedAt === null && one.phase === phase && one.state === "running",
    ),
  );
}

/** Expects that a commit was deployed once, and that GitHub was told once. */
async function expectDeployed(sha: string): Promise<void> {
  const run = await app.finished(sha);
  expect(run.conclusion, run.summary ?? "").toBe("success");
  await app.untilState(sha, "success");
  const states = app.statesOf(sha);
  expect(new Set(states).size, states.join(", ")).toBe(states.length);
  const [deployment] = readDeployments(product.dataDir).filter((one) => one.sha === sha);
  expect((await app.service())?.Spec.Labels["skep.deployment"]).toBe(deployment?.id);
}

const SLOW_BUILD = `${webDockerfile("slow")}RUN sleep 4\n`;
// Healthy after some seconds, so that a roll-out can be met half-way.
const SLOW_START = `${FROM}CMD sleep 4; mkdir /www; echo two > /www/index.html; exec httpd -f -p 8080 -h /www\n`;
const HEALTH =
  "healthcheck: { test: [CMD, wget, -qO-, 'http://127.0.0.1:8080/'], interval: 1s, retries: 30 }";

describe("SIGTERM", () => {
  test("in a short build lets the deployment end before the process does", async () => {
    const sha = await app.push({ ...webFiles("one"), Dockerfile: SLOW_BUILD });
    await untilPhase("build");
    expect(await product.stop()).toBe(0);
    const [deployment] = readDeployments(product.dataDir);
    expect(deployment?.state).toBe("succeeded");
    await product.start();
    await expectDeployed(sha);
  });

  test("in a build longer than the deadline hands it back; the next start ends it", async () => {
    await product.stop();
    await product.start({ SKEP_SHUTDOWN_TIMEOUT: "1" });
    const slow = `${webDockerfile("slow")}RUN sleep 8\n`;
    const sha = await app.push({ ...webFiles("one"), Dockerfile: slow });
    await untilPhase("build");
    const begunAt = Date.now();
    expect(await product.stop()).toBe(0);
    expect(Date.now() - begunAt).toBeLessThan(6_000);
    expect(readDeployments(product.dataDir)[0]?.state).toBe("running");
    expect(app.checkRuns(sha)[0]?.status).not.toBe("completed");
    await product.start();
    await expectDeployed(sha);
  });

  test("in a roll-out hands it back; the next start watches it to its end", async () => {
    await app.finished(await app.push(webFiles("one")));
    const before = await app.service();
    await product.stop();
    await product.start({ SKEP_SHUTDOWN_TIMEOUT: "0", SKEP_PROVE_SECONDS: "5" });
    const sha = await app.push({ Dockerfile: webDockerfile("two") });
    await untilPhase("post_deploy");
    expect(await product.stop()).toBe(0);
    expect(readDeployments(product.dataDir).at(-1)?.state).toBe("running");
    await product.start();
    await expectDeployed(sha);
    const service = await app.service();
    expect(service?.PreviousSpec?.Labels["skep.deployment"]).toBe(
      before?.Spec.Labels["skep.deployment"],
    );
  });

  test("with deployments that wait leaves them for the next start, in their order", async () => {
    await product.stop();
    await product.start({ SKEP_SHUTDOWN_TIMEOUT: "0" });
    const first = await app.push({ ...webFiles("one"), Dockerfile: SLOW_BUILD });
    await untilPhase("build");
    const second = await app.push({ Dockerfile: webDockerfile("two") });
    await waitUntil("both are known", () => readDeployments(product.dataDir).length === 2);
    expect(await product.stop()).toBe(0);
    await product.start();
    await expectDeployed(second);
    expect((await app.finished(first)).conclusion).toBe("success");
    await app.untilState(first, "inactive");
  });

  test.each([
    ["GitHub's git", /git-upload-pack|info\/refs/],
    ["GitHub's API", /^\/repos\//],
  ])("while %s does not answer ends within its deadline all the same", async (_, path) => {
    await product.stop();
    await product.start({ SKEP_SHUTDOWN_TIMEOUT: "2" });
    product.github.failNext({ path, delayMs: 20_000, times: 100 });
    const sha = await app.push(webFiles("one"));
    await product.github.idle();
    await waitUntil("the push is taken", async () =>
      (await product.log()).includes("delivery taken"),
    );
    const begunAt = Date.now();
    expect(await product.stop()).toBe(0);
    expect(Date.now() - begunAt).toBeLessThan(7_000);
    product.github.clearFaults();
    await product.start();
    await expectDeployed(sha);
  });

  test("with a live log page open ends all the same, and closes the page's stream", async () => {
    const sha = await app.push({ ...webFiles("one"), Dockerfile: SLOW_BUILD });
    await untilPhase("build");
    const [deployment] = readDeployments(product.dataDir);
    const stream = await fetch(
      new URL(`/deployments/${deployment?.id}/events`, product.webhookUrl),
    );
    expect(stream.headers.get("content-type")).toMatch(/event-stream/);
    const reading = stream.text().catch(() => "cut");
    expect(await product.stop()).toBe(0);
    await reading;
    await product.start();
    await expectDeployed(sha);
  });
});

describe("kill -9", () => {
  test("of Redis loses no push: a new Redis is there at once", async () => {
    const old = await redisPidOf(product.dataDir);
    process.kill(old ?? 0, "SIGKILL");
    const sha = await app.push(webFiles("one"));
    await expectDeployed(sha);
    expect(await redisPidOf(product.dataDir)).not.toBe(old);
    const running = await app.push({ Dockerfile: SLOW_BUILD });
    await untilPhase("build");
    process.kill((await redisPidOf(product.dataDir)) ?? 0, "SIGKILL");
    await expectDeployed(running);
  });

  test("between two pushes loses neither, even when the second came in as it died", async () => {
    const first = await app.push({ ...webFiles("one"), Dockerfile: SLOW_BUILD });
    await untilPhase("build");
    const second = await app.push({ Dockerfile: webDockerfile("two") });
    await product.github.idle();
    await product.kill();
    await product.start();
    await expectDeployed(second);
    expect((await app.finished(first)).conclusion).toBe("success");
  });
});

describe("an engine that goes away", () => {
  test("in a build is waited for, and the build done again", async () => {
    const sha = await app.push({ ...webFiles("one"), Dockerfile: SLOW_BUILD });
    await untilPhase("build");
    door.shut();
    await waitUntil("Skep says so", async () => !(await isReady()));
    door.open();
    await expectDeployed(sha);
  });

  test("in a roll-out is waited for, and the roll-out ends as if nothing was", async () => {
    await app.finished(await app.push(webFiles("one")));
    const before = await app.service();
    const sha = await app.push({ ...webFiles("two", HEALTH), Dockerfile: SLOW_START });
    await untilPhase("deploy");
    door.shut();
    await waitUntil("Skep says so", async () => !(await isReady()));
    door.open();
    await expectDeployed(sha);
    const service = await app.service();
    expect(service?.PreviousSpec?.Labels["skep.deployment"]).toBe(
      before?.Spec.Labels["skep.deployment"],
    );
  });
});

async function isReady(): Promise<boolean> {
  return (await fetch(new URL("/readyz", product.webhookUrl))).ok;
}

describe("a GitHub that fails", () => {
  test("while a deployment runs is told all once it is back", async () => {
    product.github.failNext({
      method: "POST",
      path: /^\/repos\//,
      status: 502,
      body: "bad",
      times: 4,
    });
    product.github.failNext({ method: "PATCH", path: /^\/repos\//, destroyAfter: true, times: 1 });
    const sha = await app.push(webFiles("one"));
    await expectDeployed(sha);
  });

  test("to serve git is waited for", async () => {
    product.github.failNext({ path: /git-upload-pack/, status: 503, body: "later", times: 3 });
    const sha = await app.push(webFiles("one"));
    await expectDeployed(sha);
  });

  // GitHub's git servers may learn of a push a moment after its webhook was sent.
  test("to know a commit at first is asked again", async () => {
    product.github.failNext({ path: /info\/refs/, status: 404, body: "not found", times: 4 });
    const sha = await app.push(webFiles("one"));
    await expectDeployed(sha);
  });
});

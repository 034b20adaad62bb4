import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createReporter, type Reporter } from "../../src/checks/reporter.ts";
import { createSystemClock } from "../../src/clock.ts";
import type { DeploymentState } from "../../src/deployment.ts";
import { annotations, failure, phase } from "../support/deployments.ts";
import { openLocalShop, type LocalShop } from "../support/local-github.ts";
import { openReportWorld, type ReportWorld } from "../support/report-world.ts";
import { waitUntil } from "../support/wait-until.ts";

// The whole way on real time: store, reporter, Octokit, and a GitHub that judges each request by its description.
let world: ReportWorld;
let shop: LocalShop;
let reporter: Reporter;

const clock = createSystemClock();

beforeEach(async () => {
  world = await openReportWorld();
  world.clock.advance(clock.now() - world.clock.now());
  shop = await openLocalShop();
  reporter = createReporter(world.deps({ github: shop.github, clock }));
  reporter.start();
});
afterEach(async () => {
  await reporter.close();
  const problems = shop.local.problems();
  await shop.close();
  await world.cleanUp();
  expect(problems).toEqual([]);
});

const runs = () => shop.local.checkRuns({ owner: "acme", repo: "shop" });
const run = (id: string) => runs().find(({ externalId }) => externalId === id);
const states = () =>
  shop.local
    .deployments({ owner: "acme", repo: "shop" })
    .map(({ statuses }) => statuses.map(({ state }) => state));

async function deploy(id: string, state: DeploymentState): Promise<void> {
  await world.accept(id, { repository: shop.repository, sha: shop.sha });
  const lease = await world.begin();
  await waitUntil(`${id} is in progress`, async () => {
    const { sent } = await world.store.outbox.get(id);
    return sent["status"] !== undefined;
  });
  await world.change(lease, { phase: "build", phases: [phase("build", [0, 900], "succeeded")] });
  await world.end(lease, state, state === "succeeded" ? {} : { failure: failure() });
  await settled(id);
}
async function settled(id: string): Promise<void> {
  await waitUntil(`${id} is told`, async () => {
    const { sentVersion } = await world.store.outbox.get(id);
    return sentVersion === (await world.store.deployments.get(id))?.recordVersion;
  });
}

describe("on the local GitHub", () => {
  it("a push deployment costs at most eight requests, the token included", async () => {
    await deploy("dep_1", "succeeded");
    expect(shop.local.requests.count({ kind: "api" })).toBeLessThanOrEqual(8);
    shop.local.requests.reset();
    await deploy("dep_2", "succeeded");
    expect(shop.local.requests.count({ kind: "api" })).toBeLessThanOrEqual(7);
    expect(runs().map(({ name, conclusion }) => `${name}: ${conclusion}`)).toEqual([
      "skep / production: success",
      "skep / production: success",
    ]);
    expect(states()).toEqual([
      ["in_progress", "success", "inactive"],
      ["in_progress", "success"],
    ]);
  });

  it("a failure has its cause and a button", async () => {
    await deploy("dep_1", "failed");
    expect(run("dep_1")).toMatchObject({
      conclusion: "failure",
      actions: [{ identifier: "retry" }],
    });
    expect(run("dep_1")?.summary).toContain("not ok 1 - adds a badge");
    expect(states()).toEqual([["in_progress", "failure"]]);
  });

  it("a refusal has all of its annotations, each once", async () => {
    const refusal = failure({ code: "config_invalid", annotations: annotations(120) });
    const place = { repository: shop.repository, sha: shop.sha };
    await world.accept("dep_1", { ...place, state: "refused", failure: refusal });
    reporter.kick();
    await settled("dep_1");
    expect(run("dep_1")?.annotations.map((one) => one.start_line)).toEqual(
      annotations(120).map(({ line }) => line),
    );
    expect(states()).toEqual([]);
  });

  it("answers that are lost make nothing twice", async () => {
    for (const path of [/check-runs$/u, /deployments$/u, /statuses$/u]) {
      shop.local.failNext({ method: "POST", path, destroyAfter: true });
    }
    await world.accept("dep_1", { repository: shop.repository, sha: shop.sha });
    const lease = await world.begin();
    await world.end(lease, "succeeded");
    await settled("dep_1");
    expect(runs()).toHaveLength(1);
    expect(states()).toEqual([["success"]]);
  });
});

import { afterEach, beforeEach, expect, it } from "vitest";
import { createReporter, type Reporter } from "../../src/checks/reporter.ts";
import { githubError } from "../support/fake-github.ts";
import { openReportWorld, type ReportWorld } from "../support/report-world.ts";
import { waitUntil } from "../support/wait-until.ts";

let world: ReportWorld;
let reporter: Reporter;

beforeEach(async () => {
  world = await openReportWorld();
  reporter = createReporter(world.deps());
});
afterEach(async () => {
  await reporter.close();
  await world.cleanUp();
});

const run = (id: string, repository?: string) =>
  world.github.checkRuns(repository).find(({ externalId }) => externalId === id);
const concluded = (id: string, repository?: string) => () =>
  (run(id, repository)?.conclusion ?? null) !== null;

/** Lets simulated time pass, a little with each look, until the condition holds. */
async function inTime(condition: string, holds: () => boolean, stepMs = 100): Promise<void> {
  await waitUntil(condition, () => {
    world.clock.advance(stepMs);
    return holds();
  });
}

it("reports what is behind when it starts, and each transition as it comes", async () => {
  await world.accept("dep_1");
  reporter.start();
  await inTime("the check run is made", () => run("dep_1") !== undefined);
  const lease = await world.begin();
  await waitUntil("it is in progress", () => run("dep_1")?.status === "in_progress");
  await world.end(lease, "succeeded");
  await waitUntil("it is concluded", concluded("dep_1"));
  expect(world.github.deployments()[0]?.statuses.map(({ state }) => state)).toEqual([
    "queued",
    "in_progress",
    "success",
  ]);
});

it("needs no wake-up: what it was not told of it finds in the outbox", async () => {
  const deaf = { ...world.store, onTransition: () => () => undefined };
  const other = createReporter(world.deps({ store: deaf }));
  other.start();
  await world.accept("dep_1");
  await world.end(await world.begin(), "succeeded");
  await inTime("it is concluded", concluded("dep_1"), 1_000);
  await other.close();
});

it("goes on with a deployment whose record could not be read once", async () => {
  let failures = 1;
  const deployments: typeof world.store.deployments = {
    ...world.store.deployments,
    get: (id) =>
      failures-- > 0 ? Promise.reject(new Error("disk")) : world.store.deployments.get(id),
  };
  const other = createReporter(world.deps({ store: { ...world.store, deployments } }));
  await world.accept("dep_1");
  await world.end(await world.begin(), "succeeded");
  other.start();
  await inTime("it is concluded", concluded("dep_1"), 1_000);
  await other.close();
});

it("looks at once when it is kicked", async () => {
  const deaf = { ...world.store, onTransition: () => () => undefined };
  const other = createReporter(world.deps({ store: deaf }));
  other.start();
  await waitUntil("it sleeps", () => world.clock.nextAt() !== null);
  await world.accept("dep_1");
  await world.end(await world.begin(), "succeeded");
  other.kick();
  await waitUntil("it is concluded", concluded("dep_1"));
  await other.close();
});

it("keeps trying through an outage and tells the end when it is over", async () => {
  world.github.fail({}, () => githubError(502), 9);
  reporter.start();
  await world.accept("dep_1");
  await world.end(await world.begin(), "succeeded");
  await inTime("it is concluded", concluded("dep_1"), 2_000);
  expect(world.github.checkRuns()).toHaveLength(1);
  expect(world.github.deployments()).toHaveLength(1);
});

it("is not kept from one repository by another that fails for ever", async () => {
  const gone = { id: 8, owner: "acme", name: "gone", installationId: 100 };
  const slow = { id: 9, owner: "acme", name: "slow", installationId: 100 };
  world.github.fail({ repository: "acme/gone" }, () => githubError(404), 1_000);
  world.github.fail({ repository: "acme/slow" }, () => githubError(null), 1_000);
  reporter.start();
  await world.accept("dep_1", { repository: gone, lane: "8/a/production" });
  await world.accept("dep_2", { repository: slow, lane: "9/a/production" });
  await world.accept("dep_3");
  await world.end(await world.begin("8/a/production"), "succeeded");
  await world.end(await world.begin("9/a/production"), "succeeded");
  await world.end(await world.begin(), "succeeded");
  await inTime("the healthy one is concluded", concluded("dep_3", "acme/shop"), 10);
  await waitUntil("the refused one is given up", async () => {
    const { lastError, sentVersion } = await world.store.outbox.get("dep_1");
    return lastError === "GitHub answered 404" && sentVersion > 0;
  });
});

it("keeps the write budget when forty deployments end at once", async () => {
  const lanes = Array.from({ length: 40 }, (_, i) => `7/app${i}/production`);
  for (const [i, lane] of lanes.entries()) {
    await world.accept(`dep_${i}`, { lane, app: `app${i}` });
    await world.end(await world.begin(lane), "succeeded");
  }
  const began = world.clock.now();
  reporter.start();
  let inFirstMinute = 0;
  await inTime(
    "all are concluded",
    () => {
      if (world.clock.now() < began + 60_000) inFirstMinute = world.github.calls.length;
      return lanes.every((_, i) => concluded(`dep_${i}`)());
    },
    1_000,
  );
  expect(inFirstMinute).toBeLessThanOrEqual(80);
  await waitUntil("all is sent", () => world.github.calls.length === 120);
  expect(world.clock.now()).toBeGreaterThanOrEqual(began + 60_000);
});

it("goes on with the rest when one report cannot be made at all", async () => {
  const { store } = world;
  const broken = {
    ...store,
    deployments: {
      ...store.deployments,
      get: async (id: string) => {
        if (id === "dep_1" && brokenCalls++ > 0) throw new Error("the record is unreadable");
        return store.deployments.get(id);
      },
    },
  };
  let brokenCalls = 0;
  const other = createReporter(world.deps({ store: broken }));
  other.start();
  await world.accept("dep_1", { lane: "7/a/production" });
  await world.accept("dep_2");
  await world.end(await world.begin("7/a/production"), "succeeded");
  await world.end(await world.begin(), "succeeded");
  await inTime("the other is concluded", concluded("dep_2"));
  await waitUntil("it is told", () => world.log.lines.some(({ level }) => level === "error"));
  await other.close();
});

it("reports nothing more once it is closed", async () => {
  reporter.start();
  await waitUntil("it sleeps", () => world.clock.nextAt() !== null);
  await reporter.close();
  await world.accept("dep_1");
  await world.end(await world.begin(), "succeeded");
  world.clock.advance(60_000);
  expect(world.github.calls).toEqual([]);
});

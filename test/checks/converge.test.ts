import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createInstallationBudgets } from "../../src/checks/installation-budgets.ts";
import { failure, phase } from "../support/deployments.ts";
import { githubError } from "../support/fake-github.ts";
import { openReportWorld, type ReportWorld } from "../support/report-world.ts";

let world: ReportWorld;

beforeEach(async () => {
  world = await openReportWorld();
});
afterEach(async () => world.cleanUp());

const states = (deploymentId: string): readonly string[] =>
  world.github
    .deployments()
    .find((one) => one.deploymentId === deploymentId)
    ?.statuses.map(({ state }) => state) ?? [];
const checkRun = (externalId = "dep_1") =>
  world.github.checkRuns().find((run) => run.externalId === externalId);
const report = (id = "dep_1") => world.store.outbox.get(id);
const writes = () => world.github.calls.filter((call) => /^(?:create|update)/u.test(call));

async function succeed(id: string): Promise<void> {
  await world.accept(id);
  const lease = await world.begin();
  await world.converge(id);
  await world.end(lease, "succeeded");
  await world.converge(id);
}

describe("a push deployment that ends within a minute", () => {
  it("costs seven requests with the token, the replaced one marked inactive among them", async () => {
    await succeed("dep_1");
    const before = world.github.calls.length;
    await world.accept("dep_2");
    const lease = await world.begin();
    await world.converge("dep_2");
    for (const name of ["pre_build", "build", "pre_deploy", "deploy", "post_deploy"] as const) {
      world.clock.advance(9_000);
      await world.change(lease, { phase: name, phases: [phase(name, [0, null], "running")] });
      await world.converge("dep_2");
    }
    await world.end(lease, "succeeded");
    await world.converge("dep_2");
    expect(world.github.calls.slice(before)).toEqual([
      "createCheckRun acme/shop",
      "createDeployment acme/shop",
      "createDeploymentStatus acme/shop",
      "createDeploymentStatus acme/shop",
      "updateCheckRun acme/shop",
      "createDeploymentStatus acme/shop",
    ]);
    expect(states("dep_1")).toEqual(["in_progress", "success", "inactive"]);
    expect(states("dep_2")).toEqual(["in_progress", "success"]);
    expect(await report("dep_2")).toMatchObject({ attempts: 0, aboutTo: [], lastError: null });
    expect(await world.store.outbox.nextDueAt()).toBeNull();
  });

  it("costs eight when it had to queue and failed into a roll-back", async () => {
    await world.accept("dep_1");
    world.clock.advance(300);
    await world.converge("dep_1");
    expect(checkRun()).toMatchObject({ status: "queued" });
    const lease = await world.begin();
    await world.converge("dep_1");
    await world.end(lease, "failed", { failure: failure() });
    await world.converge("dep_1");
    expect(states("dep_1")).toEqual(["queued", "in_progress", "failure"]);
    expect(world.github.calls).toHaveLength(7);
  });

  it("begins with its running state when it was started at once", async () => {
    await world.accept("dep_1");
    await world.converge("dep_1");
    expect(world.github.calls).toEqual([]);
    expect(await world.store.outbox.nextDueAt()).toBe(world.clock.now() + 300);
    await world.begin();
    await world.converge("dep_1");
    expect(states("dep_1")).toEqual(["in_progress"]);
  });
});

describe("progress", () => {
  it("edits the check run once a minute, however often the record changes", async () => {
    await world.accept("dep_1");
    const lease = await world.begin();
    await world.converge("dep_1");
    for (let second = 1; second <= 180; second += 3) {
      world.clock.advance(3_000);
      await world.change(lease, { phases: [phase("build", [0, null], "running", `${second}`)] });
      await world.converge("dep_1");
    }
    expect(writes().filter((call) => call.startsWith("updateCheckRun"))).toHaveLength(3);
    expect(states("dep_1")).toEqual(["in_progress"]);
  });

  it("puts the next edit off without forgetting it, and the end not at all", async () => {
    await world.accept("dep_1");
    const lease = await world.begin();
    await world.converge("dep_1");
    const editedAt = world.clock.now();
    await world.change(lease, { phase: "build" });
    await world.converge("dep_1");
    expect(await world.store.outbox.nextDueAt()).toBe(editedAt + 60_000);
    await world.end(lease, "succeeded");
    const taken = await world.store.outbox.take({
      now: world.clock.now(),
      limit: 10,
      reserveMs: 1_000,
    });
    expect(taken.map(({ deploymentId }) => deploymentId)).toEqual(["dep_1"]);
  });
});

describe("the deployment that a success replaces", () => {
  it("stays as it is when the new one fails", async () => {
    await succeed("dep_1");
    await world.accept("dep_2");
    const lease = await world.begin();
    await world.end(lease, "failed", { failure: failure() });
    await world.converge("dep_2");
    expect(states("dep_1")).toEqual(["in_progress", "success"]);
  });

  it("is found behind failures in between", async () => {
    await succeed("dep_1");
    await world.accept("dep_2");
    await world.end(await world.begin(), "failed", { failure: failure() });
    await succeed("dep_3");
    expect(states("dep_1")).toEqual(["in_progress", "success", "inactive"]);
  });

  it("is tried again until it is inactive", async () => {
    await succeed("dep_1");
    await world.accept("dep_2");
    await world.end(await world.begin(), "succeeded");
    const { github } = world;
    let isDown = true;
    const deps = world.deps({
      github: {
        ...github,
        createDeploymentStatus: async (repository, id, content) => {
          if (content.state === "inactive" && isDown) throw githubError(502);
          return github.createDeploymentStatus(repository, id, content);
        },
      },
    });
    await world.converge("dep_2", deps);
    expect(states("dep_2")).toEqual(["success"]);
    expect(states("dep_1")).toEqual(["in_progress", "success"]);
    expect(await report("dep_2")).toMatchObject({ attempts: 1, lastError: "GitHub answered 502" });
    isDown = false;
    world.clock.advance(3_000);
    await world.converge("dep_2", deps);
    expect(states("dep_1")).toEqual(["in_progress", "success", "inactive"]);
    expect(await report("dep_2")).toMatchObject({ attempts: 0, lastError: null });
  });

  it("takes the way back off the check run of what runs no more", async () => {
    const buttons = (id: string) =>
      world.github
        .checkRuns()
        .find(({ externalId }) => externalId === id)
        ?.actions.map(({ identifier }) => identifier);
    for (const id of ["dep_1", "dep_2", "dep_3"]) {
      await world.accept(id);
      const lease = await world.begin();
      await world.converge(id);
      await world.end(lease, "succeeded");
      await world.converge(id);
    }
    expect([buttons("dep_1"), buttons("dep_2"), buttons("dep_3")]).toEqual([[], [], ["roll_back"]]);
  });

  it("shows no late success: what was replaced meanwhile becomes inactive at once", async () => {
    await world.accept("dep_1");
    const lease = await world.begin();
    await world.converge("dep_1");
    await world.end(lease, "succeeded");
    await succeed("dep_2");
    await world.converge("dep_1");
    expect(states("dep_1")).toEqual(["in_progress", "inactive"]);
    expect(checkRun("dep_1")).toMatchObject({ conclusion: "success" });
  });

  it("is not made on GitHub after its successor, which would hide what runs", async () => {
    await world.accept("dep_1");
    await world.end(await world.begin(), "succeeded");
    await succeed("dep_2");
    await world.converge("dep_1");
    expect(world.github.deployments().map((one) => one.deploymentId)).toEqual(["dep_2"]);
    expect(checkRun("dep_1")).toMatchObject({ conclusion: "success" });
  });
});

describe("an outage", () => {
  it("is waited for, each time longer, and the end is told when it is over", async () => {
    await world.accept("dep_1");
    const lease = await world.begin();
    world.github.fail({}, () => githubError(null), 6);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      await world.converge("dep_1");
      waits.push((await report()).nextAttemptAt - world.clock.now());
      world.clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([3_000, 6_000, 12_000]);
    expect((await report()).lastError).toBe("GitHub answered nothing");
    await world.end(lease, "succeeded");
    await world.converge("dep_1");
    expect(checkRun()).toMatchObject({ conclusion: "success" });
    expect(states("dep_1")).toEqual(["success"]);
    expect(await report()).toMatchObject({ attempts: 0, lastError: null });
  });

  it("of one side does not keep the other side back", async () => {
    await world.accept("dep_1");
    const lease = await world.begin();
    await world.converge("dep_1");
    await world.end(lease, "succeeded");
    world.github.fail({ method: "createDeploymentStatus" }, () => githubError(503));
    await world.converge("dep_1");
    expect(checkRun()).toMatchObject({ conclusion: "success" });
    expect(states("dep_1")).toEqual(["in_progress"]);
    world.clock.advance(3_000);
    await world.converge("dep_1");
    expect(states("dep_1")).toEqual(["in_progress", "success"]);
  });

  it.each(["createCheckRun", "createDeployment", "createDeploymentStatus"] as const)(
    "that swallows the answer of %s makes nothing twice",
    async (method) => {
      await world.accept("dep_1");
      await world.begin();
      world.github.failAfter({ method }, () => githubError(null));
      await world.converge("dep_1");
      world.clock.advance(3_000);
      await world.converge("dep_1");
      expect(world.github.checkRuns()).toHaveLength(1);
      expect(world.github.deployments()).toHaveLength(1);
      expect(states("dep_1")).toEqual(["in_progress"]);
    },
  );
});

describe("a rate limit", () => {
  it("pauses the whole installation for as long as GitHub asks", async () => {
    await world.accept("dep_1");
    await world.accept("dep_2", { lane: "7/shop/staging", environment: "staging" });
    await world.begin();
    await world.begin("7/shop/staging");
    const deps = world.deps();
    world.github.fail({}, () => githubError(403, { retryAfterMs: 90_000 }));
    await world.converge("dep_1", deps);
    expect((await report()).nextAttemptAt).toBe(world.clock.now() + 90_000);
    await world.converge("dep_2", deps);
    expect(world.github.calls).toHaveLength(1);
    world.clock.advance(90_000);
    await world.converge("dep_2", deps);
    expect(checkRun("dep_2")).toMatchObject({ status: "in_progress" });
  });

  it("is not run into: without budget nothing is sent, and nothing is lost", async () => {
    const budgets = createInstallationBudgets(world.clock);
    budgets.pause(100, 60_000);
    await world.accept("dep_1");
    await world.begin();
    const deps = world.deps({ budgets });
    await world.converge("dep_1", deps);
    expect(world.github.calls).toEqual([]);
    expect(await report()).toMatchObject({ attempts: 0, sentVersion: 0 });
    world.clock.advance(60_000);
    await world.converge("dep_1", deps);
    expect(checkRun()).toMatchObject({ status: "in_progress" });
  });
});

describe("a refusal by GitHub", () => {
  it.each([403, 404, 410, 422])("ends the report with %i, kept and logged", async (status) => {
    await world.accept("dep_1");
    await world.begin();
    world.github.fail({}, () => githubError(status), 100);
    await world.converge("dep_1");
    expect(world.github.calls).toEqual(["createCheckRun acme/shop", "createDeployment acme/shop"]);
    expect(await report()).toMatchObject({
      attempts: 0,
      aboutTo: [],
      lastError: `GitHub answered ${status}`,
    });
    expect(await world.store.outbox.nextDueAt()).toBeNull();
    expect(world.log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      "warn: GitHub refuses a report",
      "warn: GitHub refuses a report",
    ]);
  });

  it("of the GitHub deployment leaves the check run its true end", async () => {
    await world.accept("dep_1");
    const lease = await world.begin();
    world.github.fail({ method: "createDeployment" }, () => githubError(403), 100);
    await world.converge("dep_1");
    await world.end(lease, "succeeded");
    await world.converge("dep_1");
    expect(checkRun()).toMatchObject({ conclusion: "success" });
    expect(world.github.deployments()).toEqual([]);
    expect(await report()).toMatchObject({ lastError: "GitHub answered 403" });
  });

  it("is tried once more when the state changes, and forgotten when it works then", async () => {
    await world.accept("dep_1");
    const lease = await world.begin();
    world.github.fail({}, () => githubError(404), 2);
    await world.converge("dep_1");
    await world.change(lease, { phase: "build" });
    await world.converge("dep_1");
    expect(world.github.calls).toHaveLength(2);
    await world.end(lease, "succeeded");
    await world.converge("dep_1");
    expect(checkRun()).toMatchObject({ conclusion: "success" });
    expect(await report()).toMatchObject({ lastError: null });
  });
});

it("sends what is true now when the record changes while a report is under way", async () => {
  await world.accept("dep_1");
  const lease = await world.begin();
  const { github } = world;
  const during: typeof github.createDeployment = async (repository, content) => {
    await world.end(lease, "succeeded");
    return github.createDeployment(repository, content);
  };
  await world.converge("dep_1", world.deps({ github: { ...github, createDeployment: during } }));
  expect(states("dep_1")).toEqual(["success"]);
  expect(checkRun()).toMatchObject({ conclusion: "success" });
});

it("begins nothing more once the process shuts down", async () => {
  await world.accept("dep_1");
  await world.begin();
  await world.converge("dep_1", world.deps({ isClosing: () => world.github.calls.length > 0 }));
  expect(world.github.calls).toEqual(["createCheckRun acme/shop"]);
  await world.converge("dep_1");
  expect(world.github.checkRuns()).toHaveLength(1);
  expect(states("dep_1")).toEqual(["in_progress"]);
});

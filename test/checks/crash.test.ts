import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConvergeDeps } from "../../src/checks/converge.ts";
import type { Report } from "../../src/store/ports.ts";
import { annotations, failure } from "../support/deployments.ts";
import { createKillSwitch, Killed, type KillSwitch } from "../support/kill-switch.ts";
import { openReportWorld, type ReportWorld } from "../support/report-world.ts";

let world: ReportWorld;

beforeEach(async () => {
  world = await openReportWorld();
});
afterEach(async () => world.cleanUp());

/** One process whose calls to GitHub and writes to the outbox go through the switch. */
function process(killSwitch: KillSwitch): ConvergeDeps {
  const { store } = world;
  const outbox = {
    ...store.outbox,
    ...killSwitch.guard({ save: (report: Report) => store.outbox.save(report) }),
  };
  return world.deps({
    github: killSwitch.guard(world.github),
    store: { ...store, outbox },
  });
}

/** Reports in the process that may be killed; when it is, a new process takes over some seconds later. */
async function report(id: string, mortal: ConvergeDeps): Promise<void> {
  world.clock.advance(1_000);
  try {
    await world.converge(id, mortal);
  } catch (thrown) {
    if (!(thrown instanceof Killed)) throw thrown;
    world.clock.advance(5_000);
    await world.converge(id);
  }
}

interface Story {
  readonly name: string;
  readonly tell: (mortal: ConvergeDeps) => Promise<void>;
  readonly check: () => void;
}

async function deployed(id: string, mortal: ConvergeDeps): Promise<void> {
  await world.accept(id);
  const lease = await world.begin();
  await report(id, mortal);
  await world.end(lease, "succeeded");
  await report(id, mortal);
}

function statesOf(deploymentId: string): readonly string[][] {
  return world.github
    .deployments()
    .filter((one) => one.deploymentId === deploymentId)
    .map((one) => one.statuses.map(({ state }) => state));
}
function conclusionsOf(externalId: string): readonly (string | null)[] {
  return world.github
    .checkRuns()
    .filter((run) => run.externalId === externalId)
    .map((run) => run.conclusion);
}

const STORIES: readonly Story[] = [
  {
    name: "a success that replaces another",
    async tell(mortal) {
      await deployed("dep_1", world.deps());
      await deployed("dep_2", mortal);
    },
    check() {
      expect(conclusionsOf("dep_1")).toEqual(["success"]);
      expect(conclusionsOf("dep_2")).toEqual(["success"]);
      expect(statesOf("dep_1")).toEqual([["in_progress", "success", "inactive"]]);
      expect(statesOf("dep_2")).toEqual([["in_progress", "success"]]);
    },
  },
  {
    name: "a failure",
    async tell(mortal) {
      await world.accept("dep_1");
      const lease = await world.begin();
      await report("dep_1", mortal);
      await world.end(lease, "failed", { failure: failure() });
      await report("dep_1", mortal);
    },
    check() {
      expect(conclusionsOf("dep_1")).toEqual(["failure"]);
      expect(statesOf("dep_1")).toEqual([["in_progress", "failure"]]);
    },
  },
  {
    name: "a refusal with 120 annotations",
    async tell(mortal) {
      const refusal = failure({ code: "config_invalid", annotations: annotations(120) });
      await world.accept("dep_1", { state: "refused", failure: refusal });
      await report("dep_1", mortal);
    },
    check() {
      expect(conclusionsOf("dep_1")).toEqual(["failure"]);
      expect(world.github.checkRuns()[0]?.annotations).toEqual(annotations(120));
      expect(world.github.deployments()).toEqual([]);
    },
  },
  {
    name: "a queued one that is superseded",
    async tell(mortal) {
      await world.accept("dep_1");
      await report("dep_1", mortal);
      await world.accept("dep_2");
      await report("dep_1", mortal);
    },
    check() {
      expect(conclusionsOf("dep_1")).toEqual(["skipped"]);
      expect(statesOf("dep_1")).toEqual([["queued", "inactive"]]);
    },
  },
];

describe.each(STORIES)("$name", ({ tell, check }) => {
  it("is told once without a crash", async () => {
    await tell(process(createKillSwitch(null, "before")));
    check();
    expect(await world.store.outbox.get("dep_1")).toMatchObject({ aboutTo: [], attempts: 0 });
  });

  it.each(["before", "after"] as const)(
    "is told once when killed %s any call to GitHub or the outbox",
    { timeout: 120_000 },
    async (when) => {
      const unharmed = createKillSwitch(null, when);
      await tell(process(unharmed));
      expect(unharmed.count).toBeGreaterThan(6);
      for (let at = 1; at <= unharmed.count; at++) {
        await world.cleanUp();
        world = await openReportWorld();
        const killSwitch = createKillSwitch(at, when);
        await tell(process(killSwitch));
        expect(killSwitch.isDead).toBe(true);
        check();
      }
    },
  );
});

it("finds a GitHub deployment made just before a crash, though it is not wanted any more", async () => {
  await world.accept("dep_1");
  world.clock.advance(1_000);
  // Killed after the deployment was made (fifth call) and before that was written down.
  const killed = process(createKillSwitch(5, "after"));
  await expect(world.converge("dep_1", killed)).rejects.toThrow(Killed);
  expect(statesOf("dep_1")).toEqual([[]]);
  await world.accept("dep_2");
  world.clock.advance(3_000);
  await world.converge("dep_1");
  expect(statesOf("dep_1")).toEqual([["inactive"]]);
});

it("leaves what a crash left open alone until GitHub has had its time, also when all is over", async () => {
  await world.accept("dep_1");
  await world.end(await world.begin(), "failed", { failure: failure() });
  const createDeploymentStatus = (): Promise<never> => Promise.reject(new Killed());
  const killed = world.deps({ github: { ...world.github, createDeploymentStatus } });
  await expect(world.converge("dep_1", killed)).rejects.toThrow(Killed);
  await world.converge("dep_1");
  expect(await world.store.outbox.nextDueAt()).toBe(world.clock.now() + 3_000);
  world.clock.advance(3_000);
  await world.converge("dep_1");
  expect(statesOf("dep_1")).toEqual([["failure"]]);
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunnerDeps } from "../../src/deployer/run.ts";
import type { Deployment } from "../../src/deployment.ts";
import { SkepError } from "../../src/errors.ts";
import type { Release } from "../../src/release.ts";
import { createKillSwitch, type KillSwitch } from "../support/kill-switch.ts";
import { mortalDeps, runMortal } from "../support/mortal-run.ts";
import { REPOSITORY } from "../support/records.ts";
import { openRunWorld, shaOf, type RunWorld } from "../support/run-world.ts";

const SERVICE = "shop-production_shop";
const ENVIRONMENT = { repositoryId: REPOSITORY.id, app: "shop", environment: "production" };
const BUILT = "service:\n  build: .\n";

let world: RunWorld;

beforeEach(async () => {
  world = await openRunWorld();
});
afterEach(async () => world.cleanUp());

/** Deploys two versions that succeed; returns the first one. */
async function deployTwo(first = BUILT): Promise<Deployment> {
  await world.accept("dep_1", first, { version: "v1" });
  const old = await world.run();
  await world.accept("dep_2", BUILT, { version: "v2" });
  expect([old.state, (await world.run()).state]).toEqual(["succeeded", "succeeded"]);
  return old;
}

async function acceptRollback({ releaseId }: Deployment, version = "v1"): Promise<void> {
  const sha = shaOf("dep_1");
  await world.accept("dep_3", "", { kind: "rollback", releaseId, sha, version });
}

async function rollBack(old: Deployment, deps?: RunnerDeps): Promise<Deployment> {
  await acceptRollback(old);
  return await world.run(deps);
}

function imageOf(release: Release | null): string {
  return release?.stack.services[0]?.spec.TaskTemplate.ContainerSpec.Image ?? "";
}

const live = async () => (await world.swarm.service(SERVICE))?.spec;

describe("a rollback", () => {
  it("runs the old release, with its own name on it, and builds nothing", async () => {
    const old = await deployTwo();
    const before = await live();
    const ended = await rollBack(old);
    expect(ended).toMatchObject({ state: "succeeded", failure: null, releaseId: old.releaseId });
    expect(world.builder.builds).toHaveLength(2);
    const release = await world.store.catalog.release(old.releaseId ?? "");
    const after = await live();
    expect(after?.TaskTemplate.ContainerSpec.Image).toBe(imageOf(release));
    expect(after?.TaskTemplate.ContainerSpec.Image).not.toBe(
      before?.TaskTemplate.ContainerSpec.Image,
    );
    expect(after?.Labels).toMatchObject({
      "skep.deployment": "dep_3",
      "skep.release": old.releaseId,
    });
    expect(await world.swarm.releaseMark("shop-production")).toMatchObject({
      "skep.release": old.releaseId,
      "skep.deployment": "dep_3",
      "skep.version": "v1",
      "skep.sha": old.sha,
    });
    expect(await world.store.catalog.environment(ENVIRONMENT)).toMatchObject({
      desiredReleaseId: old.releaseId,
      activeDeploymentId: "dep_3",
    });
  });

  it("shows that it looked for the image, and built none", async () => {
    const { phases } = await rollBack(await deployTwo());
    expect(phases.map(({ phase, outcome }) => [phase, outcome])).toEqual([
      ["pre_build", "succeeded"],
      ["build", "skipped"],
      ["pre_deploy", "succeeded"],
      ["deploy", "succeeded"],
      ["post_deploy", "succeeded"],
    ]);
    expect(phases[0]?.note).toBe("release of v1, image is there");
  });

  it("goes back to what ran before when the old release runs no more", async () => {
    const old = await deployTwo();
    const release = await world.store.catalog.release(old.releaseId ?? "");
    const does = { kind: "exits", afterMs: 100, code: 1 } as const;
    world.swarm.script(imageOf(release) ?? "", { does });
    expect(await rollBack(old)).toMatchObject({
      state: "rolled_back",
      failure: { code: "task_exited" },
    });
    expect((await live())?.Labels["skep.deployment"]).toBe("dep_2");
    expect(await world.swarm.releaseMark("shop-production")).toMatchObject({
      "skep.deployment": "dep_2",
    });
    expect(world.builder.builds).toHaveLength(2);
  });

  it("waits for an engine that is away while it looks for the image", async () => {
    const old = await deployTwo();
    let calls = 0;
    const imageId = async (reference: string): Promise<string | null> => {
      if (++calls > 3) return await world.builder.imageId(reference);
      throw new SkepError("swarm_unreachable", "the engine is away", { retryable: true });
    };
    const deps = world.deps({ builder: { ...world.builder, imageId } });
    expect(await rollBack(old, deps)).toMatchObject({ state: "succeeded" });
  });
});

describe("a release whose image is gone", () => {
  async function expectGone(ended: Deployment, reason: string): Promise<void> {
    expect(ended).toMatchObject({ state: "failed", failure: { code: "image_gone" } });
    expect(ended.failure?.summary).toContain(reason);
    expect(ended.failure?.nextStep).toContain(
      `comment \`/deploy production at ${shaOf("dep_1")}\``,
    );
    expect((await live())?.Labels["skep.deployment"]).toBe("dep_2");
    expect(world.builder.builds).toHaveLength(2);
  }

  it("is not rolled back to when somebody removed it", async () => {
    const old = await deployTwo();
    const release = await world.store.catalog.release(old.releaseId ?? "");
    world.builder.removeImage(imageOf(release) ?? "");
    await expectGone(await rollBack(old), `${imageOf(release)} is not on the engine any more`);
  });

  it("is not rolled back to when another image has its name", async () => {
    const old = await deployTwo();
    const imageId = async (): Promise<string> => "sha256:other";
    const deps = world.deps({ builder: { ...world.builder, imageId } });
    await expectGone(await rollBack(old, deps), "is not the one that was built (sha256:");
  });

  it("is not rolled back to when its record is gone", async () => {
    const old = await deployTwo();
    const unknown = { ...old, releaseId: "rel_unknown" };
    await expectGone(await rollBack(unknown), "the release of v1 is not kept any more");
  });
});

describe("a release with a given image", () => {
  const GIVEN = "service:\n  image: good:1\n";

  it("has its image pulled again", async () => {
    world.builder.addRemoteImage("good:1");
    const old = await deployTwo(GIVEN);
    world.builder.removeImage("good:1");
    expect(await rollBack(old)).toMatchObject({ state: "succeeded" });
    const release = await world.store.catalog.release(old.releaseId ?? "");
    expect(imageOf(release)).toMatch(/^good:1@sha256:[0-9a-f]{64}$/);
    expect(world.builder.pulls).toEqual([imageOf(release), imageOf(release)]);
  });

  it("is gone when no registry has its image any more", async () => {
    world.builder.addRemoteImage("good:1");
    const old = await deployTwo(GIVEN);
    const pull = (): Promise<never> =>
      Promise.reject(new SkepError("image_not_found", "pulling good:1: manifest unknown"));
    const deps = world.deps({ builder: { ...world.builder, pull } });
    const { failure } = await rollBack(old, deps);
    expect(failure).toMatchObject({ code: "image_gone" });
    expect(failure?.summary).toContain("manifest unknown");
  });
});

describe("a rollback in a process that is killed", () => {
  async function tell(killSwitch: KillSwitch): Promise<Deployment> {
    await acceptRollback(await deployTwo());
    return await runMortal(world, mortalDeps(world, killSwitch));
  }

  it.each(["before", "after"] as const)(
    "comes to the same end, by the same changes, when that is %s any change",
    { timeout: 300_000 },
    async (when) => {
      const unharmed = createKillSwitch(null, when);
      await tell(unharmed);
      expect(unharmed.count).toBeGreaterThan(9);
      for (let at = 1; at <= unharmed.count; at++) {
        await world.cleanUp();
        world = await openRunWorld();
        const ended = await tell(createKillSwitch(at, when));
        const told = `killed ${when} change ${at}: ${world.lines.slice(-12).join("\n")}`;
        expect(ended.state, told).toBe("succeeded");
        expect(world.builder.builds, told).toHaveLength(2);
        const outcomes = ended.phases.map(({ phase, outcome }) => `${phase} ${outcome}`);
        expect(outcomes, told).toEqual([
          "pre_build succeeded",
          "build skipped",
          "pre_deploy succeeded",
          "deploy succeeded",
          "post_deploy succeeded",
        ]);
        const writes = world.swarm.writes.slice(4).map(({ kind }) => kind);
        expect(new Set(writes), told).toEqual(new Set(["update", "mark"]));
        expect(
          writes.filter((kind) => kind === "update"),
          told,
        ).toHaveLength(1);
      }
    },
  );
});

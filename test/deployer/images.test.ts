import { describe, expect, it } from "vitest";
import {
  askGivenImage,
  bindGivenImage,
  livePinOf,
  refuseUnsharedBuild,
  type GivenImage,
} from "../../src/deployer/images.ts";
import type { ResolvedImage } from "../../src/deployer/ports.ts";
import { SkepError } from "../../src/errors.ts";
import { STACK_LABELS, type ServiceSpec } from "../../src/swarm-objects.ts";
import { createFakeBuilder } from "../support/fake-builder.ts";
import { createSimulatedClock } from "../support/simulated-clock.ts";

const OLD = `sha256:${"a".repeat(64)}`;
const NEW = `sha256:${"b".repeat(64)}`;
const AWAY = new SkepError("image_not_found", "looking up image web:1: connection refused");
const NO_ENGINE = new SkepError("swarm_unreachable", "reaching the engine: it is away", {
  retryable: true,
});
const PLATFORMS = [{ os: "linux", architecture: "arm64" }];
const FOUND: ResolvedImage = { digest: NEW, platforms: PLATFORMS };

function bound(runs: string, digest: string | null = null, changes: object = {}): object {
  return { kind: "bound", runs, digest, platforms: null, unpinned: null, ...changes };
}

describe("a given image", () => {
  const base: GivenImage = {
    reference: "web:1",
    livePin: null,
    isPresent: false,
    nodes: 3,
    resolved: null,
  };
  const pinned = bound(`web:1@${NEW}`, NEW, { platforms: PLATFORMS });
  const unpinned = bound("web:1", null, { unpinned: AWAY.message });
  const failed = (error: unknown): unknown => ({ kind: "failed", error });

  it.each<[string, Partial<GivenImage>, unknown]>([
    ["with a digest stays", { reference: `web@${OLD}` }, bound(`web@${OLD}`, OLD)],
    [
      "with a digest stays, whatever runs",
      { reference: `web:1@${OLD}`, livePin: `web:1@${NEW}`, resolved: FOUND },
      bound(`web:1@${OLD}`, OLD),
    ],
    ["called by its bare ID stays", { reference: "c".repeat(64) }, bound("c".repeat(64))],
    [
      "of the engine runs when it is there",
      { reference: "localhost/web:1", isPresent: true, nodes: 1 },
      bound("localhost/web:1"),
    ],
    [
      "of the engine is never pinned",
      {
        reference: "localhost/web:1",
        isPresent: true,
        livePin: `localhost/web:1@${OLD}`,
        nodes: 1,
      },
      bound("localhost/web:1"),
    ],
    [
      "of the engine is each node's own on several, of which our engine knows one",
      { reference: "localhost/web:1" },
      bound("localhost/web:1", null, {
        unpinned:
          "image localhost/web:1 is in no registry: each of the 3 nodes runs what it has by this name itself",
      }),
    ],
    [
      "of the engine must be there on a lone node",
      { reference: "localhost/web:1", nodes: 1 },
      failed(expect.objectContaining({ code: "image_not_found", nextStep: expect.any(String) })),
    ],
    [
      "of a registry on the loopback is a registry's",
      { reference: "localhost:5000/web:1", resolved: FOUND },
      bound(`localhost:5000/web:1@${NEW}`, NEW, { platforms: PLATFORMS }),
    ],
    ["that runs keeps its digest", { livePin: `web:1@${OLD}` }, bound(`web:1@${OLD}`, OLD)],
    [
      "that runs keeps its digest when the registry is away",
      { livePin: `web:1@${OLD}`, resolved: AWAY },
      bound(`web:1@${OLD}`, OLD),
    ],
    ["is pinned by its registry", { resolved: FOUND }, pinned],
    [
      "is pinned by its registry on a lone node that has another one, too",
      { resolved: FOUND, isPresent: true, nodes: 1 },
      pinned,
    ],
    [
      "without a tag is pinned as the latest",
      { reference: "registry.example.com:5000/web", resolved: FOUND },
      bound(`registry.example.com:5000/web:latest@${NEW}`, NEW, { platforms: PLATFORMS }),
    ],
    [
      "runs unpinned on a lone node that has it",
      { resolved: AWAY, nodes: 1, isPresent: true },
      unpinned,
    ],
    ["fails on a lone node that lacks it", { resolved: AWAY, nodes: 1 }, failed(AWAY)],
    ["fails on several nodes", { resolved: AWAY, nodes: 2, isPresent: true }, failed(AWAY)],
    [
      "is not judged while the engine is away",
      { resolved: NO_ENGINE, nodes: 1, isPresent: true },
      failed(NO_ENGINE),
    ],
    [
      "fails when nobody was asked",
      {},
      failed(expect.objectContaining({ code: "image_not_found" })),
    ],
  ])("%s", (_case, facts, expected) => {
    expect(bindGivenImage({ ...base, ...facts })).toEqual(expected);
  });
});

describe("asking for a given image", () => {
  const { signal } = new AbortController();
  const ask = (
    builder: ReturnType<typeof createFakeBuilder>,
    reference: string,
    livePin?: string,
  ) => askGivenImage({ builder, signal }, { reference, livePin: livePin ?? null, nodes: 1 });

  it("asks a registry only for what nobody else can tell", async () => {
    const builder = createFakeBuilder(createSimulatedClock());
    builder.addRemoteImage("web:1");
    await ask(builder, `web:1@${OLD}`);
    await ask(builder, "localhost/web:1");
    await ask(builder, "web:1", `web:1@${OLD}`);
    expect(builder.resolves).toEqual([]);
    const { digest } = await builder.resolve("web:1", signal);
    expect(await ask(builder, "web:1")).toMatchObject({ runs: `web:1@${digest}`, digest });
  });

  it("lives with a registry that is away, not with an engine that is", async () => {
    const builder = createFakeBuilder(createSimulatedClock());
    builder.addRemoteImage("web:1");
    await builder.pull("web:1", signal);
    builder.setRegistryReachable(false);
    expect(await ask(builder, "web:1")).toMatchObject({ kind: "bound", runs: "web:1" });
    expect(await ask(builder, "web:2")).toMatchObject({ kind: "failed" });
    const gone = { ...builder, resolve: () => Promise.reject(NO_ENGINE) };
    await expect(ask(gone, "web:1")).rejects.toBe(NO_ENGINE);
  });
});

describe("the pin of a live service", () => {
  const spec = (image: string, label?: string): ServiceSpec => ({
    Name: "shop_web",
    Labels: label === undefined ? {} : { [STACK_LABELS.image]: label },
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        Labels: {},
        Privileges: { CredentialSpec: null, SELinuxContext: null },
      },
      Resources: {},
      Placement: {},
      ForceUpdate: 0,
    },
    Mode: {},
    EndpointSpec: {},
  });

  it.each<[string, ServiceSpec | null, ServiceSpec, string | null]>([
    ["holds for the same reference", spec(`web:1@${OLD}`, "web:1"), spec("web:1", "web:1"), OLD],
    ["is none for another reference", spec(`web:1@${OLD}`, "web:1"), spec("web:2", "web:2"), null],
    ["is none when it runs unpinned", spec("web:1", "web:1"), spec("web:1", "web:1"), null],
    ["is none without the label", spec(`web:1@${OLD}`), spec("web:1"), null],
    ["is none for a new service", null, spec("web:1", "web:1"), null],
  ])("%s", (_case, live, wanted, digest) => {
    expect(livePinOf(live, wanted)).toBe(digest === null ? null : `web:1@${digest}`);
  });
});

describe("a stack that builds", () => {
  it.each<[Parameters<typeof refuseUnsharedBuild>[0], boolean]>([
    [{ nodes: 3, registry: null, builds: ["web", "worker"] }, true],
    [{ nodes: 2, registry: null, builds: ["web"] }, true],
    [{ nodes: 1, registry: null, builds: ["web"] }, false],
    [{ nodes: 3, registry: "registry.example.com", builds: ["web"] }, false],
    [{ nodes: 3, registry: null, builds: [] }, false],
  ])("%j is refused: %s", (facts, isRefused) => {
    const refused = refuseUnsharedBuild(facts);
    expect(refused !== null).toBe(isRefused);
    if (refused === null) return;
    expect(refused).toMatchObject({
      code: "registry_needed",
      nextStep: expect.stringContaining("SKEP_REGISTRY"),
    });
    for (const key of facts.builds) expect(refused.summary).toContain(key);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveCluster } from "../../../src/deployer/ports.ts";
import type { ReleaseStack } from "../../../src/release.ts";
import { applyPlan } from "./apply-plan.ts";
import { ANY_TEXTS, anyRelease } from "./arbitrary-stacks.ts";
import { aCluster, aFile, aLiveService, aNetwork, aService, aSpec, plan } from "./stacks.ts";

const PORT = { ports: [{ TargetPort: 80, PublishedPort: 80 }] };

function liveNetwork(name: string, changes: Partial<LiveCluster["networks"][number]> = {}) {
  return {
    id: name,
    name,
    driver: "overlay",
    labels: { "com.docker.stack.namespace": "shop" },
    options: { "com.docker.network.driver.overlay.vxlanid_list": "4097" },
    isInternal: false,
    isAttachable: false,
    isIngress: false,
    subnets: ["10.0.1.0/24"],
    ...changes,
  };
}

describe("planStack", () => {
  it("plans everything in the order in which it is done", () => {
    const old = aLiveService(aSpec("old", PORT));
    const older = aLiveService(aSpec("older"));
    const planned = plan(
      {
        services: [aService("api", { needs: ["db"] }), aService("db"), aService("web", PORT)],
        networks: [aNetwork("default"), aNetwork("back")],
        configs: [aFile("conf", "c")],
        secrets: [aFile("key", "s")],
      },
      { services: [older, old, aLiveService(aSpec("db"))], networks: [liveNetwork("shop_back")] },
    );
    expect(
      planned.operations.map(
        ({ kind, target }) => `${kind} ${target.replace(/_[0-9a-f]{12}$/u, "")}`,
      ),
    ).toEqual([
      "remove service shop_old",
      "create network shop_default",
      "create config shop_conf",
      "create secret shop_key",
      "create service shop_web",
      "create service shop_api",
      "remove service shop_older",
      "keep network shop_back",
      "keep service shop_db",
    ]);
    expect(planned.removals).toEqual([
      { live: old, isFirst: true },
      { live: older, isFirst: false },
    ]);
    expect(planned.operations[0]).toMatchObject({
      reason: "the release does not have it; first, because it holds port 80/tcp",
      effect: "stop",
      risks: [{ code: "service_removed", text: "shop_old is removed; its volumes stay" }],
    });
    expect(planned.services.map(({ key }) => key)).toEqual(["db", "web", "api"]);
  });

  it("puts Skep's labels on what it sends, over the user's", () => {
    const [service] = plan({
      services: [aService("web", { labels: { "skep.owner": "me" } })],
    }).services;
    expect(service?.spec.Labels).toEqual({
      "com.docker.stack.namespace": "shop",
      "skep.deployment": "dep_new",
      "skep.release": "rel_new",
      "skep.owner": "1/shop/production",
    });
  });

  it("leaves the services of others alone, also of the same name", () => {
    const spec = { ...aSpec("web"), Labels: { "com.docker.stack.namespace": "other" } };
    const planned = plan({ services: [aService("web")] }, { services: [aLiveService(spec)] });
    expect(planned.services).toMatchObject([{ kind: "create", live: null }]);
    expect(planned.removals).toEqual([]);
  });

  it("does not hurry a removal whose port is wanted by a service that has it", () => {
    const host = { ports: [{ TargetPort: 80, PublishedPort: 80, PublishMode: "host" }] };
    const services = [aLiveService(aSpec("web", host)), aLiveService(aSpec("old", host))];
    const planned = plan({ services: [aService("web", host)] }, { services });
    expect(planned.removals.map(({ isFirst }) => isFirst)).toEqual([false]);
  });

  it.each([
    ["nothing", {}, {}, null],
    ["the driver", { Driver: "weave" }, {}, "driver"],
    ["options", { Options: { encrypted: "true" } }, {}, "driver_opts"],
    [
      "internal and attachable",
      {},
      { isInternal: true, isAttachable: true },
      "internal, attachable",
    ],
    ["subnets", { IPAM: { Driver: "", Config: [{ Subnet: "10.1.0.0/24" }] } }, {}, "subnets"],
    ["subnets left open", { IPAM: { Driver: "", Config: [{}] } }, {}, null],
    [
      "the order of subnets",
      { IPAM: { Driver: "", Config: [{ Subnet: "10.2.0.0/24" }, { Subnet: "10.1.0.0/24" }] } },
      { subnets: ["10.1.0.0/24", "10.2.0.0/24"] },
      null,
    ],
  ])("keeps a network that differs in %s, and says so", (_, spec, live, differing) => {
    const networks = [liveNetwork("shop_default", live)];
    const planned = plan({ networks: [aNetwork("default", spec)] }, { networks });
    expect(planned.networks.map(({ kind }) => kind)).toEqual(["keep"]);
    const text = `shop_default differs in ${differing}, which the Swarm cannot change: give it another name, or remove the stack first`;
    expect(planned.operations[0]?.risks).toEqual(
      differing === null ? [] : [{ code: "network_differs", text }],
    );
  });

  it("creates a network of which only another stack has one by that name", () => {
    const networks = [liveNetwork("shop_default", { labels: {} })];
    const planned = plan({ networks: [aNetwork("default")] }, { networks });
    expect(planned.networks.map(({ kind }) => kind)).toEqual(["create"]);
  });

  it("keeps everything once it was carried out, whatever ran before", () => {
    fc.assert(
      fc.property(anyRelease, anyRelease, (first, second) => {
        const before = applyPlan(aCluster(), plan(first), ANY_TEXTS);
        const after = applyPlan(before, plan(second, before), ANY_TEXTS);
        const again = plan(second, after);
        expect(again.operations.filter(({ kind }) => kind !== "keep")).toEqual([]);
        const kinds = [...again.networks, ...again.files, ...again.services].map(
          ({ kind }) => kind,
        );
        expect(new Set(kinds)).toEqual(new Set(["keep"]));
        expect(again.removals).toEqual([]);
      }),
    );
  });

  it("says the same whatever the order of what it is given", () => {
    fc.assert(
      fc.property(anyRelease, anyRelease, (first, second) => {
        const live = applyPlan(aCluster(), plan(first), ANY_TEXTS);
        expect(plan(reversed(second), reversedCluster(live))).toEqual(plan(second, live));
      }),
    );
  });

  it("never has two operations on one object, and one for each that the release has", () => {
    fc.assert(
      fc.property(anyRelease, anyRelease, (first, second) => {
        const live = applyPlan(aCluster(), plan(first), ANY_TEXTS);
        const planned = plan(second, live);
        const targets = planned.operations.map(({ target }) => target);
        expect(new Set(targets).size).toBe(targets.length);
        const { networks, files, services, removals } = planned;
        expect(targets).toHaveLength(
          networks.length + files.length + services.length + removals.length,
        );
        expect(services).toHaveLength(second.services.length);
        for (const line of planned.operations.flatMap(({ changes }) => changes)) {
          expect(line.length).toBeLessThanOrEqual(200);
        }
      }),
    );
  });

  it("changes none of what it is given", () => {
    fc.assert(
      fc.property(anyRelease, anyRelease, (first, second) => {
        const live = applyPlan(aCluster(), plan(first), ANY_TEXTS);
        const before = JSON.stringify([second, live]);
        plan(second, live);
        expect(JSON.stringify([second, live])).toBe(before);
      }),
    );
  });
});

function reversed(release: ReleaseStack): ReleaseStack {
  return {
    ...release,
    services: release.services.toReversed(),
    networks: release.networks.toReversed(),
    configs: release.configs.toReversed(),
    secrets: release.secrets.toReversed(),
  };
}

function reversedCluster(live: LiveCluster): LiveCluster {
  return {
    services: live.services.toReversed(),
    networks: live.networks.toReversed(),
    configs: live.configs.toReversed(),
    secrets: live.secrets.toReversed(),
    nodes: live.nodes.toReversed(),
    volumes: live.volumes.toReversed(),
  };
}

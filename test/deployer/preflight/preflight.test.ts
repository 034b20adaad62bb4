import { describe, expect, it } from "vitest";
import type { LiveFile, LiveNetwork, LiveVolume } from "../../../src/deployer/ports.ts";
import type { PlannedFile } from "../../../src/deployer/plan/stack-plan.ts";
import type { PortConfig, ServiceSpec } from "../../../src/swarm-objects.ts";
import { aLive, aNetwork, aSpec, findAbout, inShort, OWNER } from "./cluster.ts";

const WEB = [{ spec: aSpec() }];

describe("a stack", () => {
  it("that is new has nothing against it", () => {
    expect(findAbout(WEB)).toEqual([]);
  });

  it.each([
    [{ owner: OWNER }, false, []],
    [{ owner: "2/other/production" }, false, ["failure stack_not_owned"]],
    [{}, false, ["failure stack_not_owned"]],
    [{ owner: "2/other/production" }, true, []],
    [{}, true, []],
    [{ name: "shop_old", owner: null }, false, ["failure stack_not_owned"]],
    [{ stack: "other", name: "other_web" }, false, []],
    [{ stack: "other", owner: OWNER }, true, ["failure stack_not_owned"]],
    [{ stack: null }, true, ["failure stack_not_owned"]],
  ])("with the live service %j, bound: %j", (change, isBound, expected) => {
    const found = findAbout(WEB, { services: [aLive(change)] }, { request: { isBound } });
    expect(inShort(found)).toEqual(expected);
  });

  it.each([
    ["the lane's own mark is there", OWNER, undefined, []],
    ["the mark is another's", "2/other/production", undefined, ["failure stack_not_owned"]],
    [
      "a service says that it is another's",
      OWNER,
      "2/other/production",
      ["failure stack_not_owned"],
    ],
  ])(
    "that was adopted and never changed stays the lane's where %s",
    (_, marked, owner, expected) => {
      const mark = {
        id: "c1",
        version: 1,
        name: "shop_release",
        labels: { "skep.owner": marked },
        data: null,
        templating: null,
      };
      const services = [aLive(owner === undefined ? {} : { owner })];
      expect(inShort(findAbout(WEB, { services, configs: [mark] }))).toEqual(expected);
    },
  );

  it("of one other owner is told of once, with how to take it", () => {
    const services = ["a", "b", "c"].map((key) => aLive({ name: `shop_${key}` }));
    expect(findAbout(WEB, { services })).toEqual([
      {
        level: "failure",
        code: "stack_not_owned",
        key: "",
        summary:
          "the stack shop runs already and belongs to nobody that Skep knows (service shop_a)",
        nextStep:
          "Choose another `stack_name`, or ask the operator to bind `shop` to this environment under `stacks` in skep.server.yml.",
      },
    ]);
  });
});

function publishing(port: PortConfig): Partial<ServiceSpec> {
  return { EndpointSpec: { Ports: [{ TargetPort: 80, ...port }] } };
}

describe("a published port", () => {
  it.each<[PortConfig, PortConfig, boolean]>([
    [{ PublishedPort: 80 }, { PublishedPort: 80 }, true],
    [{ PublishedPort: 80, Protocol: "tcp" }, { PublishedPort: 80 }, true],
    [{ PublishedPort: 80, Protocol: "UDP" }, { PublishedPort: 80, Protocol: "udp" }, true],
    [{ PublishedPort: 80, Protocol: "udp" }, { PublishedPort: 80 }, false],
    [{ PublishedPort: 80 }, { PublishedPort: 81 }, false],
    [{ PublishedPort: 80, PublishMode: "host" }, { PublishedPort: 80 }, true],
    [{ PublishedPort: 80 }, { PublishedPort: 80, PublishMode: "host" }, true],
    [{ PublishedPort: 80, PublishMode: "host" }, { PublishedPort: 80, PublishMode: "host" }, false],
    [{}, {}, false],
  ])("%j beside %j of another stack", (wanted, taken, isRefused) => {
    const services = [aLive({ name: "proxy_web", stack: "proxy", spec: publishing(taken) })];
    const found = findAbout([{ spec: aSpec({ spec: publishing(wanted) }) }], { services });
    expect(inShort(found)).toEqual(isRefused ? ["failure port_in_use services.web.ports"] : []);
  });

  it("names who has it", () => {
    const services = [
      aLive({ name: "proxy_web", stack: "proxy", spec: publishing({ PublishedPort: 80 }) }),
    ];
    const wish = { spec: aSpec({ spec: publishing({ PublishedPort: 80 }) }) };
    expect(findAbout([wish], { services })[0]?.summary).toBe(
      "port 80/tcp is published by the service proxy_web of the stack proxy",
    );
  });

  it("may move within the stack, and is no matter of a service that is kept", () => {
    const spec = publishing({ PublishedPort: 80 });
    const own = [aLive({ name: "shop_old", owner: OWNER, spec })];
    expect(findAbout([{ spec: aSpec({ spec }) }], { services: own })).toEqual([]);
    const others = [aLive({ name: "proxy_web", stack: "proxy", spec })];
    expect(findAbout([{ spec: aSpec({ spec }), kind: "keep" }], { services: others })).toEqual([]);
  });
});

function aLiveNetwork(change: Partial<LiveNetwork> = {}): LiveNetwork {
  return {
    id: "net1",
    name: "proxy",
    driver: "overlay",
    labels: {},
    options: {},
    isInternal: false,
    isAttachable: true,
    isIngress: false,
    subnets: [],
    ...change,
  };
}

describe("a network", () => {
  it.each([
    ["create", "shop_default", ["failure stack_not_owned networks.default"]],
    ["keep", "shop_default", []],
    ["create", "shop_other", []],
  ] as const)("to %s, called shop_default, beside %s", (kind, name, expected) => {
    const plan = { networks: [{ kind, spec: aNetwork("shop_default") }] };
    const networks = [aLiveNetwork({ name })];
    expect(inShort(findAbout(WEB, { networks }, { plan }))).toEqual(expected);
  });

  it.each([
    ["10.0.1.0/24", "10.0.1.0/24", true],
    ["10.0.1.0/24", "10.0.0.0/16", true],
    ["10.0.0.0/8", "10.200.0.0/16", true],
    ["10.0.1.128/25", "10.0.1.0/25", false],
    ["10.0.1.0/24", "10.0.2.0/24", false],
    ["fd00::/64", "fd00:0:0:1::/64", false],
    ["fd00::/48", "fd00:0:0:1::/64", true],
    ["10.0.0.0/8", "fd00::/8", false],
    ["10.0.0.0/99", "10.0.0.0/8", false],
    ["not a subnet", "10.0.0.0/8", false],
  ])("of %s beside one of %s", (wanted, taken, isRefused) => {
    const plan = { networks: [{ kind: "create" as const, spec: aNetwork("shop_db", wanted) }] };
    const networks = [aLiveNetwork({ subnets: [taken] })];
    const expected = isRefused ? ["failure subnet_in_use networks.db.ipam"] : [];
    expect(inShort(findAbout(WEB, { networks }, { plan }))).toEqual(expected);
  });

  it("that is held by another is not told of twice", () => {
    const spec = aNetwork("shop_db", "10.9.0.0/24");
    const plan = { networks: [{ kind: "create" as const, spec }] };
    const networks = [aLiveNetwork({ name: "shop_db", subnets: ["10.9.0.0/24"] })];
    expect(inShort(findAbout(WEB, { networks }, { plan }))).toEqual([
      "failure stack_not_owned networks.db",
    ]);
  });

  it("does not overlap another of the same stack either", () => {
    const networks = ["a", "b"].map((key) => ({
      kind: "create" as const,
      spec: aNetwork(`shop_${key}`, "10.9.0.0/24"),
    }));
    expect(inShort(findAbout(WEB, {}, { plan: { networks } }))).toEqual([
      "failure subnet_in_use networks.b.ipam",
    ]);
  });

  it.each([
    ["proxy", []],
    ["prox", ["failure network_not_found networks.prox"]],
    ["host", []],
    ["$(reboot)", ["failure network_not_found networks.$(reboot)"]],
  ])("of others called %s", (name, expected) => {
    const release = { external: { networks: [name], configs: [], secrets: [] } };
    const found = findAbout(WEB, { networks: [aLiveNetwork()] }, { release });
    expect(inShort(found)).toEqual(expected);
    expect(found.map(({ nextStep }) => nextStep).join()).not.toContain("$(");
  });
});

describe("a config or secret", () => {
  const file: LiveFile = {
    id: "f1",
    version: 1,
    name: "tls",
    labels: { "com.docker.stack.namespace": "proxy" },
    data: null,
    templating: null,
  };

  it.each(["config", "secret"] as const)("of others that is not there: %s", (kind) => {
    const none = { networks: [], configs: [], secrets: [] };
    const wanted = { release: { external: { ...none, [`${kind}s`]: ["tls"] } } };
    const expected = [`failure file_not_found ${kind}s.tls`];
    expect(inShort(findAbout(WEB, {}, wanted))).toEqual(expected);
    expect(findAbout(WEB, { [`${kind}s`]: [file] }, wanted)).toEqual([]);
  });

  it.each([
    ["create", ["failure stack_not_owned secrets.key"]],
    ["keep", []],
    ["label", []],
  ] as const)("to %s under a name that another stack has", (kind, expected) => {
    const spec = { Name: "tls", Labels: {} };
    const planned: PlannedFile = {
      kind,
      fileKind: "secret",
      spec,
      file: { key: "key", cliName: "tls", contentKey: "00", path: "key", bytes: 1, spec },
    };
    const found = findAbout(WEB, { secrets: [file] }, { plan: { files: [planned] } });
    expect(inShort(found)).toEqual(expected);
    expect(findAbout(WEB, { configs: [file] }, { plan: { files: [planned] } })).toEqual([]);
  });
});

describe("a volume", () => {
  const live: LiveVolume = { name: "shop_data", driver: "local", options: {}, labels: {} };

  function mounting(options: Record<string, string> | undefined, stack: string | null = "shop") {
    const labels = stack === null ? {} : { Labels: { "com.docker.stack.namespace": stack } };
    const driver =
      options === undefined ? {} : { DriverConfig: { Name: "local", Options: options } };
    return {
      Mounts: [
        {
          Type: "volume",
          Source: "shop_data",
          Target: "/data",
          VolumeOptions: { ...labels, ...driver },
        },
      ],
    };
  }

  const DIFFERS = ["warning volume_differs services.web.volumes[0]"];
  const REFUSED = ["failure stack_not_owned services.web.volumes[0]"];

  it.each<[string, Record<string, string> | undefined, Partial<LiveVolume>, string[]]>([
    ["the same", undefined, {}, []],
    ["the same options", { a: "1", b: "2" }, { options: { b: "2", a: "1" } }, []],
    ["other options", { size: "1G" }, {}, DIFFERS],
    ["options that are no more", undefined, { options: { size: "1G" } }, DIFFERS],
    ["another driver", undefined, { driver: "nfs" }, DIFFERS],
    ["another name", { size: "1G" }, { name: "shop_other" }, []],
    ["the stack's label", undefined, { labels: { "com.docker.stack.namespace": "shop" } }, []],
    ["a label", undefined, { labels: { "com.docker.stack.namespace": "other" } }, REFUSED],
  ])("beside one with %s", (_, options, change, expected) => {
    const wish = { spec: aSpec({ container: mounting(options) }) };
    expect(inShort(findAbout([wish], { volumes: [{ ...live, ...change }] }))).toEqual(expected);
  });

  it("of several services is told of once", () => {
    const wishes = ["shop_a", "shop_b"].map((name) => ({
      spec: aSpec({ name, container: mounting({ size: "1G" }) }),
    }));
    expect(inShort(findAbout(wishes, { volumes: [live] }))).toEqual([
      "warning volume_differs services.a.volumes[0]",
    ]);
  });

  it("of others may have any options", () => {
    const wish = { spec: aSpec({ container: mounting(undefined, null) }) };
    const volumes = [{ ...live, labels: { "com.docker.stack.namespace": "other" } }];
    expect(findAbout([wish], { volumes })).toEqual([]);
  });

  it("that another stack makes under the same name is refused, on whatever node it is", () => {
    const other = { name: "shop2_web", stack: "shop2", container: mounting(undefined, "shop2") };
    const wish = { spec: aSpec({ container: mounting(undefined) }) };
    expect(inShort(findAbout([wish], { services: [aLive(other)] }))).toEqual(REFUSED);
  });
});

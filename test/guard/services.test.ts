import { describe, expect, it } from "vitest";
import type { GuardRules } from "../../src/guard/rules.ts";
import { aDraft, findings, refusedKeys, type ServiceChange } from "./drafts.ts";

type Case = [string, ServiceChange, Partial<GuardRules>, string[]];

function container(container: object): ServiceChange {
  return { container };
}

function port(port: object): ServiceChange {
  return { spec: { EndpointSpec: { Ports: [{ TargetPort: 80, ...port }] } } };
}

function limits(change: Partial<GuardRules["limits"]>): Partial<GuardRules> {
  return {
    limits: { nanoCpus: null, memoryBytes: null, replicas: null, services: null, ...change },
  };
}

it("lets a plain stack through", () => {
  expect(findings(aDraft())).toEqual([]);
});

it("says what is asked for, which rule is against it and how to go on", () => {
  expect(findings(aDraft(container({ CapabilityAdd: ["CAP_SYS_ADMIN"] })))).toEqual([
    {
      code: "not_allowed",
      key: "services.web.cap_add",
      message:
        'adds the capability "SYS_ADMIN", which the operator does not allow. Ask the operator to allow "SYS_ADMIN" under `cap_add` in skep.server.yml.',
    },
  ]);
});

it("shows hostile text on one line, and not all of it", () => {
  const [finding] = findings(
    aDraft(container({ CapabilityAdd: [`X\n::error::${"y".repeat(999)}`] })),
  );
  expect(finding?.message).not.toContain("\n");
  expect(finding?.message.length).toBeLessThan(600);
});

describe("a published port", () => {
  const KEY = ["services.web.ports"];
  it.each<Case>([
    ["80", port({ PublishedPort: 80 }), {}, []],
    ["443", port({ PublishedPort: 443 }), {}, []],
    ["1024", port({ PublishedPort: 1024 }), {}, []],
    ["65535", port({ PublishedPort: 65_535 }), {}, []],
    ["22", port({ PublishedPort: 22 }), {}, KEY],
    ["1023", port({ PublishedPort: 1023 }), {}, KEY],
    ["22 on its node", port({ PublishedPort: 22, PublishMode: "host" }), {}, KEY],
    ["65536", port({ PublishedPort: 65_536 }), {}, KEY],
    ["one below zero", port({ PublishedPort: -1 }), {}, KEY],
    ["a fraction", port({ PublishedPort: 80.5 }), {}, KEY],
    ["2377, Swarm's", port({ PublishedPort: 2377 }), {}, KEY],
    ["7946/udp, Swarm's", port({ PublishedPort: 7946, Protocol: "udp" }), {}, KEY],
    ["4789 as nonsense", port({ PublishedPort: 4789, Protocol: "x" }), {}, KEY],
    [
      "2377 in a range",
      port({ PublishedPort: 2377 }),
      { publishedPorts: [{ from: 1, to: 65_535 }] },
      KEY,
    ],
    [
      "2377, named",
      port({ PublishedPort: 2377 }),
      { publishedPorts: [{ from: 2377, to: 2377 }] },
      [],
    ],
    ["of Docker's choice", port({}), {}, []],
    ["of Docker's choice, 0", port({ PublishedPort: 0 }), {}, []],
    ["of Docker's choice, none allowed", port({}), { publishedPorts: [] }, KEY],
    [
      "of Docker's choice, few allowed",
      port({}),
      { publishedPorts: [{ from: 30_000, to: 32_000 }] },
      KEY,
    ],
    [
      "of Docker's choice, from ranges that touch",
      port({}),
      {
        publishedPorts: [
          { from: 32_001, to: 33_000 },
          { from: 30_000, to: 32_000 },
        ],
      },
      [],
    ],
    [
      "of the node's choice",
      port({ PublishMode: "HOST" }),
      { publishedPorts: [{ from: 30_000, to: 32_767 }] },
      KEY,
    ],
  ])("%s", (_, change, rules, expected) => {
    expect(refusedKeys(change, rules)).toEqual(expected);
  });

  it("is not Skep's own", () => {
    const draft = aDraft(port({ PublishedPort: 3000 }));
    expect(findings(draft, {}, { reservedPorts: [3000] })).toHaveLength(1);
    expect(findings(draft, {}, { reservedPorts: [3001] })).toEqual([]);
  });
});

describe("a container", () => {
  const CAP = ["services.web.cap_add"];
  it.each<Case>([
    ["adds what Docker gives", container({ CapabilityAdd: ["CAP_CHOWN"] }), {}, []],
    ["binds low ports", container({ CapabilityAdd: ["CAP_NET_BIND_SERVICE"] }), {}, []],
    ["adds NET_ADMIN", container({ CapabilityAdd: ["CAP_NET_ADMIN"] }), {}, CAP],
    ["adds it in small letters", container({ CapabilityAdd: [" cap_net_admin"] }), {}, CAP],
    [
      "adds what is allowed",
      container({ CapabilityAdd: ["net_admin"] }),
      { capAdd: ["NET_ADMIN"] },
      [],
    ],
    ["adds all", container({ CapabilityAdd: ["ALL"] }), { capAdd: ["NET_ADMIN"] }, CAP],
    ["adds *", container({ CapabilityAdd: ["*"] }), {}, CAP],
    [
      "sets a sysctl",
      container({ Sysctls: { "net.core.somaxconn": "1024" } }),
      {},
      ["services.web.sysctls.net.core.somaxconn"],
    ],
    [
      "sets an allowed sysctl",
      container({ Sysctls: { "net.core.somaxconn": "1024" } }),
      { sysctls: ["net.*"] },
      [],
    ],
    [
      "spells a sysctl with slashes",
      container({ Sysctls: { "net.x/../../kernel/core_pattern": "|/x" } }),
      { sysctls: ["net.*"] },
      ["services.web.sysctls.net.x/../../kernel/core_pattern"],
    ],
    ["sets nofile", container({ Ulimits: [{ Name: "nofile", Hard: 1, Soft: 1 }] }), {}, []],
    [
      "sets rtprio",
      container({ Ulimits: [{ Name: "rtprio", Hard: 99, Soft: 99 }] }),
      {},
      ["services.web.ulimits.rtprio"],
    ],
    [
      "has a credential spec",
      container({ Privileges: { CredentialSpec: { Config: "", File: "x.json", Registry: "" } } }),
      {},
      ["services.web.credential_spec"],
    ],
    [
      "has an allowed credential spec",
      container({ Privileges: { CredentialSpec: { File: "x.json" } } }),
      { credentialSpecs: true },
      [],
    ],
    [
      "turns SELinux off",
      container({ Privileges: { CredentialSpec: null, SELinuxContext: { Disable: true } } }),
      {},
      ["services.web"],
    ],
    [
      "turns seccomp off",
      container({ Privileges: { Seccomp: { Mode: "unconfined" } } }),
      {},
      ["services.web"],
    ],
  ])("that %s", (_, change, rules, expected) => {
    expect(refusedKeys(change, rules)).toEqual(expected);
  });
});

describe("a task", () => {
  const LOG = ["services.web.logging"];
  const PLACE = ["services.web.deploy.placement"];
  const constraints = (...list: string[]): ServiceChange => ({
    task: { Placement: { Constraints: list } },
  });
  const workers = { managerNodes: false };
  it.each<Case>([
    ["logs as the engine does", { task: { LogDriver: { Options: { a: "b" } } } }, {}, []],
    ["logs to journald", { task: { LogDriver: { Name: "journald" } } }, {}, []],
    ["logs to syslog", { task: { LogDriver: { Name: "syslog" } } }, {}, LOG],
    ["logs to fluentd", { task: { LogDriver: { Name: "fluentd" } } }, {}, LOG],
    [
      "logs to an allowed driver",
      { task: { LogDriver: { Name: "syslog" } } },
      { logDrivers: ["syslog"] },
      [],
    ],
    [
      "reserves a GPU",
      {
        task: {
          Resources: {
            Reservations: {
              GenericResources: [{ DiscreteResourceSpec: { Kind: "gpu", Value: 1 } }],
            },
          },
        },
      },
      {},
      ["services.web.deploy.resources.reservations.generic_resources"],
    ],
    ["says no constraint", {}, workers, PLACE],
    ["asks for a worker", constraints("node.role==worker"), workers, []],
    ["asks for no manager", constraints("node.ROLE != Manager"), workers, []],
    ["asks for a manager", constraints("node.role == manager"), workers, PLACE],
    ["asks for no worker", constraints("node.role != worker"), workers, PLACE],
    ["asks in another word", constraints("node.labels.role == worker"), workers, PLACE],
    ["asks in two ways", constraints("node.role != x == worker"), workers, PLACE],
    ["asks for a manager, allowed", constraints("node.role == manager"), {}, []],
  ])("that %s", (_, change, rules, expected) => {
    expect(refusedKeys(change, rules)).toEqual(expected);
  });
});

describe("a limit", () => {
  const resources = (limit: object, reserved: object = {}): ServiceChange => ({
    task: { Resources: { Limits: limit, Reservations: reserved } },
  });
  const mode = (Mode: object): ServiceChange => ({ spec: { Mode } });
  const REPLICAS = ["services.web.deploy.replicas"];
  const RESOURCES = "services.web.deploy.resources";
  it.each<Case>([
    ["cpus: kept", resources({ NanoCPUs: 4e9 }), limits({ nanoCpus: 4e9 }), []],
    ["cpus: none said", {}, limits({ nanoCpus: 4e9 }), [RESOURCES]],
    ["cpus: 0, which is none", resources({ NanoCPUs: 0 }), limits({ nanoCpus: 4e9 }), [RESOURCES]],
    ["cpus: below zero", resources({ NanoCPUs: -1 }), limits({ nanoCpus: 4e9 }), [RESOURCES]],
    [
      "cpus: too many",
      resources({ NanoCPUs: 4e9 + 1 }),
      limits({ nanoCpus: 4e9 }),
      [`${RESOURCES}.limits.cpus`],
    ],
    [
      "memory: too much reserved",
      resources({ MemoryBytes: 8 }, { MemoryBytes: 9 }),
      limits({ memoryBytes: 8 }),
      [`${RESOURCES}.reservations.memory`],
    ],
    ["replicas: one, not said", {}, limits({ replicas: 1 }), []],
    ["replicas: kept", mode({ Replicated: { Replicas: 3 } }), limits({ replicas: 3 }), []],
    [
      "replicas: too many",
      mode({ Replicated: { Replicas: 4 } }),
      limits({ replicas: 3 }),
      REPLICAS,
    ],
    [
      "replicas: of a job",
      mode({ ReplicatedJob: { MaxConcurrent: 4, TotalCompletions: 4 } }),
      limits({ replicas: 3 }),
      REPLICAS,
    ],
    [
      "replicas: of a job, all at once",
      mode({ ReplicatedJob: { MaxConcurrent: 0, TotalCompletions: 99 } }),
      limits({ replicas: 3 }),
      REPLICAS,
    ],
    ["replicas: of a global one", mode({ Global: {} }), limits({ replicas: 1 }), []],
    ["services: too many", {}, limits({ services: 0 }), ["services"]],
    ["services: kept", {}, limits({ services: 1 }), []],
  ])("of %s", (_, change, rules, expected) => {
    expect(refusedKeys(change, rules)).toEqual(expected);
  });
});

describe("an image", () => {
  const KEY = ["services.web.image"];
  it.each<[string, string[], string[]]>([
    ["nginx:1.27", ["*"], []],
    ["nginx:1.27", ["default"], []],
    ["acme/shop:1", ["default/acme"], []],
    ["acme/shop:1", ["default/acme/*"], []],
    ["acme2/shop:1", ["default/acme"], KEY],
    ["nginx", ["default/library"], KEY],
    ["registry.example.com/acme/shop:1", ["registry.example.com"], []],
    ["registry.example.com/acme/shop:1", ["registry.example.com/acme"], []],
    ["REGISTRY.example.com/acme/shop:1", ["registry.example.com/acme"], []],
    [`registry.example.com/acme/shop@sha256:${"a".repeat(64)}`, ["registry.example.com/acme"], []],
    ["registry.example.com/acmeevil/shop:1", ["registry.example.com/acme"], KEY],
    ["registry.example.com.evil.example.com/acme/shop", ["registry.example.com"], KEY],
    ["registry.example.com:5000/acme/shop", ["registry.example.com"], KEY],
    ["registry.example.com:5000/acme/shop", ["registry.example.com:5000"], []],
    ["default/acme/shop", ["default/acme"], KEY],
    ["other.example.com/shop", ["*.example.com"], []],
    ["other.example.com/shop", [], KEY],
    ["localhost/other/shop:0123456789abcdef", ["*"], KEY],
    ["localhost/other/shop:0123456789abcdef", ["local*"], KEY],
    ["localhost/acme/shop:0123456789abcdef", ["localhost/acme"], []],
    ["localhost:5000/shop", ["*"], []],
    [`sha256:${"a".repeat(64)}`, ["*"], KEY],
    ["a".repeat(64), ["*"], KEY],
    ["", [], []],
  ])("%s by %j", (image, registries, expected) => {
    expect(refusedKeys(container({ Image: image }), { registries })).toEqual(expected);
  });
});

describe("a name or label", () => {
  it.each<[string, ServiceChange]>([
    ["a name of another stack", { spec: { Name: "other_web" } }],
    ["a name without the stack", { spec: { Name: "shop" } }],
    ["the label of another stack", { spec: { Labels: { "com.docker.stack.namespace": "other" } } }],
    ["no label", { spec: { Labels: {} } }],
  ])("refuses %s", (_, change) => {
    expect(refusedKeys(change)).toEqual(["services.web"]);
  });
});

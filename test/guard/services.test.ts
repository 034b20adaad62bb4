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
    ["a fraction", port({ PublishedPort: 8080.5 }), {}, KEY],
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

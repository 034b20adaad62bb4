import { describe, expect, it } from "vitest";
import type {
  StackDeploy,
  StackModel,
  StackNetwork,
  StackPort,
  StackService,
} from "../../../src/stack/model.ts";
import { modelOf, modelWith, problemsOf } from "./stack-model.ts";

const long = "x".repeat(65);
const named = (name: string): StackModel["secrets"] => ({ k: { name } });

describe("a name that no engine takes", () => {
  it.each<readonly [string, Partial<StackModel>, string]>([
    [
      "of a service",
      { services: { "a.b": { image: "x", networks: { n: {} } } }, networks: { n: { name: "n" } } },
      "services: failed to create service s_a.b: name must be valid as a DNS name component",
    ],
    [
      "of a service, too long",
      { services: { [long]: { image: "x" } } },
      `services: failed to create service s_${long}: name must be 63 characters or fewer`,
    ],
    [
      "of a network",
      { services: { a: { image: "x", networks: { n: {} } } }, networks: { n: { name: "my net" } } },
      "networks: failed to create network my net: name must be valid as a DNS name component",
    ],
    [
      "of a secret",
      { secrets: named(long) },
      `secrets: failed to create secret ${long}: invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]`,
    ],
    [
      "of a config",
      { configs: named("x_") },
      "configs: failed to create config x_: invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]",
    ],
  ])("%s", (_title, parts, problem) => {
    expect(problemsOf(modelOf(parts))).toEqual([`name_invalid ${problem}`]);
  });

  it("is soon found, however long", () => {
    const name = `${"a".repeat(50_000)}!`;
    expect(problemsOf(modelOf({ services: { [name]: { image: "x" } } }))).toHaveLength(1);
    expect(problemsOf(modelOf({ secrets: named(name) }))).toHaveLength(1);
    expect(problemsOf(modelWith({ image: name }))).toHaveLength(1);
  });
});

describe("a setting that no engine takes", () => {
  const mount = { type: "volume", target: "/d" };

  it.each<readonly [string, StackService, string]>([
    [
      "an image in capitals",
      { image: "UPPER/case" },
      'image: ContainerSpec: "UPPER/case" is not a valid repository/tag',
    ],
    [
      "an image's id",
      { image: "a".repeat(64) },
      `image: ContainerSpec: "${"a".repeat(64)}" is not a valid repository/tag`,
    ],
    [
      "two mounts at one place",
      { mounts: [mount, mount] },
      "volumes[1]: ContainerSpec: duplicate mount point: /d",
    ],
    [
      "an unknown propagation",
      { mounts: [{ type: "bind", source: "/", target: "/d", bind: { propagation: "bad" } }] },
      'volumes[0].bind.propagation: invalid MountPropagation: "bad"',
    ],
    [
      "an unknown end point mode",
      { deploy: { endpointMode: "Foo" } },
      'deploy.endpoint_mode: invalid resolution mode: "foo"',
    ],
    [
      "an ingress port without a virtual address",
      { deploy: { endpointMode: "dnsrr" }, ports: [{ target: 1 }] },
      "ports: EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
    ],
    [
      "one port twice",
      {
        ports: [
          { target: 1, published: 2, protocol: "tcp" },
          { target: 3, published: 2 },
        ],
      },
      "ports: EndpointSpec: duplicate published ports provided",
    ],
  ])("%s", (_title, service, problem) => {
    expect(problemsOf(modelWith(service))).toEqual([refusal(problem)]);
  });

  it.each<readonly [string, StackDeploy, string]>([
    [
      "an unknown condition",
      { restartPolicy: { condition: "always" } },
      'restart_policy.condition: invalid RestartCondition: "always"',
    ],
    [
      "a negative delay of restarts",
      { restartPolicy: { delayNs: -1 } },
      "restart_policy.delay: TaskSpec: restart-delay cannot be negative",
    ],
    [
      "a negative window",
      { restartPolicy: { windowNs: -1 } },
      "restart_policy.window: TaskSpec: restart-window cannot be negative",
    ],
    [
      "a constraint without an operator",
      { placement: { constraints: ["a==b", "node.role manager"] } },
      "placement.constraints[1]: constraint expected one operator from ==, !=",
    ],
    [
      "an unknown failure action",
      { rollbackConfig: { failureAction: "stop" } },
      "rollback_config.failure_action: unrecognized update failure action stop",
    ],
    [
      "a negative delay of updates",
      { updateConfig: { delayNs: -1 } },
      "update_config.delay: TaskSpec: update-delay cannot be negative",
    ],
    [
      "a negative monitor",
      { updateConfig: { monitorNs: -1 } },
      "update_config.monitor: TaskSpec: update-monitor cannot be negative",
    ],
    [
      "a ratio above one",
      { updateConfig: { maxFailureRatio: 2 } },
      "update_config.max_failure_ratio: TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1",
    ],
    [
      "a job with updates",
      { mode: "global-job", updateConfig: {} },
      "update_config: Jobs may not have an update config",
    ],
    [
      "hardly any processor",
      { limits: { nanoCpus: 1000 } },
      "resources.limits.cpus: invalid cpu value 0.000001: Must be at least 0.001",
    ],
    [
      "hardly any memory",
      { reservations: { memoryBytes: 5 } },
      "resources.reservations.memory: invalid memory value 5: Must be at least 4MiB",
    ],
  ])("%s", (_title, deploy, problem) => {
    expect(problemsOf(modelWith({ deploy }))).toEqual([refusal(`deploy.${problem}`)]);
  });
});

it("an image may have a digest's digits for a tag", () => {
  expect(problemsOf(modelWith({ image: `img:${"a".repeat(64)}` }))).toEqual([]);
});

describe("a template", () => {
  it.each<readonly [string, StackService, string]>([
    ["in a host name", { hostname: "{{.Foo}}" }, "hostname: expanding hostname"],
    ["in a variable", { environment: { A: "x {{- .Foo.Bar }}" } }, "environment.A: expanding env"],
    [
      "in a mount",
      { mounts: [{ type: "volume", target: "/{{.Foo}}" }] },
      "volumes[0]: expanding mounts",
    ],
  ])("is refused for an unknown field %s", (_title, service, problem) => {
    expect(problemsOf(modelWith(service))).toEqual([
      refusal(`${problem} failed: template: can't evaluate field Foo`),
    ]);
  });

  it("may speak of the service, the node and the task, and have a context of its own", () => {
    const environment = {
      A: "{{.Task.Slot}}{{ .Node.Hostname}}{{.Service.Name}}",
      B: "{{range .Service.Labels}}{{.Foo}}{{end}}",
      C: null,
    };
    expect(problemsOf(modelWith({ environment }))).toEqual([]);
  });
});

describe("a port of two services", () => {
  const problems = (one: StackPort, other: StackPort): readonly string[] =>
    problemsOf(
      modelOf({ services: { a: { image: "x", ports: [one] }, b: { image: "x", ports: [other] } } }),
    );
  const port = { target: 1, published: 80 };
  const host = { ...port, mode: "Host" };
  const refused = [
    "port_taken services.b.ports[0]: failed to create service s_b: port '80' is already in use by service 's_a'",
  ];

  it("is refused unless both publish it on the nodes of their tasks", () => {
    expect(problems(port, { ...port, protocol: "TCP", target: 2 })).toEqual(refused);
    expect(problems(port, host)).toEqual(refused);
    expect(problems(host, port)).toEqual(refused);
    expect(problems(host, host)).toEqual([]);
    expect(problems(port, { ...port, protocol: "udp" })).toEqual([]);
    expect(problems({ target: 1 }, { target: 1 })).toEqual([]);
  });
});

describe("a network of one node", () => {
  it.each(["bridge", "macvlan", "ipvlan"])("by the driver %s is refused", (driver) => {
    const problems = (network: StackNetwork): readonly string[] =>
      problemsOf(modelWith({ networks: { n: {} } }, { networks: { n: network } }));
    expect(problems({ driver })).toEqual([
      "engine_refuses networks.n.driver: the network s_n cannot be used with services: only networks scoped to the swarm can be used, such as those created with the overlay driver",
    ]);
    expect(problems({ driver, isExternal: true })).toEqual([]);
  });
});

describe("a subnet", () => {
  const problems = (subnet: string, isExternal = false): readonly string[] =>
    problemsOf(
      modelWith(
        { networks: { n: {} } },
        { networks: { n: { isExternal, ipam: { subnets: [subnet] } } } },
      ),
    );

  it.each(["nope", "10.0.0.1", "10.0.0.0/33", "10.0.0/8", "::/129", "fe80::%e/8", "10.0.0.0/8/8"])(
    "%s is refused",
    (subnet) => {
      expect(problems(subnet)).toEqual([
        `engine_refuses networks.n.ipam.config[0].subnet: failed to create network s_n: Invalid subnet ${subnet} : invalid CIDR address: ${subnet}`,
      ]);
      expect(problems(subnet, true)).toEqual([]);
    },
  );

  it.each(["10.0.0.0/8", "fd00::/64", ""])("%j is taken", (subnet) => {
    expect(problems(subnet)).toEqual([]);
  });
});

function refusal(problem: string): string {
  return `engine_refuses services.a.${problem.replace(": ", ": failed to create service s_a: ")}`;
}

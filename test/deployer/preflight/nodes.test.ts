import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isFit } from "../../../src/deployer/preflight/fitting-nodes.ts";
import type { LiveNode } from "../../../src/deployer/ports.ts";
import type { Platform } from "../../../src/release.ts";
import type { ServiceSpec, TaskSpec } from "../../../src/swarm-objects.ts";
import { aLive, aNode, aSpec, findAbout, inShort, OWNER, type Wish } from "./cluster.ts";

const GIB = 1024 ** 3;

describe("a constraint", () => {
  const node = aNode({
    labels: { disk: "SSD", "a.b": "c" },
    engineLabels: { gpu: "yes" },
    platform: { os: "linux", architecture: "x86_64" },
  });

  it.each([
    ["node.id == n1", true],
    ["node.id==N1", true],
    ["node.id != n1", false],
    ["node.hostname == worker-1", true],
    ["node.hostname==worker-2", false],
    ["NODE.Hostname==worker-1", true],
    ["node.role == worker", true],
    ["node.role == manager", false],
    ["node.role != Manager", true],
    ["node.labels.disk == ssd", true],
    ["node.labels.Disk == ssd", false],
    ["node.labels.disk != ssd", false],
    ["node.labels.zone == x", false],
    ["node.labels.zone != x", true],
    ["node.labels.a.b == c", true],
    ["engine.labels.gpu == yes", true],
    ["engine.labels.disk == ssd", false],
    ["node.platform.os == linux", true],
    ["node.platform.os == windows", false],
    ["node.platform.arch == x86_64", true],
    ["node.platform.arch == amd64", true],
    ["node.platform.arch == arm64", false],
    ["node.ip == 10.0.0.0/8", true],
    ["foo.bar == x", false],
    ["node.labels. == x", false],
    ["node.role", false],
    ["node.role = worker", false],
    ["node.labels.toString != x", true],
    ["node.labels.__proto__ == x", false],
  ])("%s", (text, expected) => {
    expect(isFit(node, text)).toBe(expected);
  });

  it("is met by a node exactly when its opposite is not", () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const key = fc.constantFrom("node.id", "node.hostname", "node.labels.disk", "engine.labels.x");
    fc.assert(
      fc.property(key, word, (name, value) => {
        expect(isFit(node, `${name} == ${value}`)).toBe(!isFit(node, `${name}!=${value}`));
      }),
    );
  });
});

function wish(
  task: Partial<TaskSpec>,
  spec: Partial<ServiceSpec> = {},
  rest: Partial<Wish> = {},
): Wish {
  return { spec: aSpec({ task, spec }), ...rest };
}

function replicas(count: number): Partial<ServiceSpec> {
  return { Mode: { Replicated: { Replicas: count } } };
}

function nodes(count: number, change: Partial<LiveNode> = {}): LiveNode[] {
  return Array.from({ length: count }, (_, index) =>
    aNode({ id: `n${index + 1}`, hostname: `worker-${index + 1}`, ...change }),
  );
}

describe("a service without a node", () => {
  it("is told of with the constraint and the nodes", () => {
    const Constraints = ["node.role == worker", "node.labels.disk == ssd"];
    expect(findAbout([wish({ Placement: { Constraints } })], { nodes: nodes(2) })).toEqual([
      {
        level: "failure",
        code: "no_suitable_node",
        key: "services.web.deploy.placement.constraints[1]",
        summary:
          "no node meets the placement constraint node.labels.disk == ssd (nodes: worker-1, worker-2)",
        nextStep:
          "Change deploy.placement.constraints, or label a node (docker node update --label-add).",
      },
    ]);
  });

  it("is told of with all constraints when each of them has a node", () => {
    const Constraints = ["node.id == n1", "node.hostname == worker-2"];
    const [finding] = findAbout([wish({ Placement: { Constraints } })], { nodes: nodes(2) });
    expect(finding).toMatchObject({
      key: "services.web.deploy.placement",
      summary:
        "no node meets the placement constraints node.id == n1 and node.hostname == worker-2 (nodes: worker-1, worker-2)",
    });
  });

  it.each<[Partial<LiveNode>]>([
    [{ state: "down" }],
    [{ availability: "drain" }],
    [{ availability: "pause" }],
  ])("counts only nodes that take tasks: %j", (change) => {
    const [finding] = findAbout([wish({})], { nodes: nodes(1, change) });
    expect(finding).toMatchObject({
      code: "no_suitable_node",
      key: "services.web",
      summary: "no node takes tasks: worker-1 is down, drained or paused",
    });
    expect(findAbout([wish({})], { nodes: [...nodes(1, change), aNode({ id: "n2" })] })).toEqual(
      [],
    );
  });

  it("does not matter to a service without tasks, nor to one that is kept", () => {
    const task = { Placement: { Constraints: ["node.role == manager"] } };
    expect(findAbout([wish(task, replicas(0))])).toEqual([]);
    expect(findAbout([wish(task, {}, { kind: "keep" })])).toEqual([]);
    expect(inShort(findAbout([wish(task, { Mode: { Global: {} } })]))).toEqual([
      "warning no_suitable_node services.web.deploy.placement.constraints[0]",
    ]);
  });
});

describe("an image", () => {
  const amd: Platform = { os: "linux", architecture: "amd64" };
  const arm: Platform = { os: "linux", architecture: "arm64" };
  const attestation: Platform = { os: "unknown", architecture: "unknown" };

  it.each<[readonly Platform[] | null, readonly Platform[], string[]]>([
    [[amd], [amd], []],
    [[amd, arm], [amd, arm], []],
    [[amd], [{ os: "linux", architecture: "x86_64" }], []],
    [[arm], [{ os: "linux", architecture: "aarch64" }], []],
    [[arm], [amd], ["failure no_suitable_node services.web.image"]],
    [[amd], [amd, arm], ["warning no_suitable_node services.web.image"]],
    [null, [amd], []],
    [[], [amd], []],
    [[attestation], [amd], []],
    [[attestation, arm], [amd], ["failure no_suitable_node services.web.image"]],
    [
      [{ os: "windows", architecture: "amd64" }],
      [amd],
      ["failure no_suitable_node services.web.image"],
    ],
  ])("for %j on nodes of %j", (platforms, those, expected) => {
    const live = those.map((platform, index) => aNode({ id: `n${index}`, platform }));
    const request = { images: { "nginx:1.27": platforms } };
    expect(inShort(findAbout([wish({})], { nodes: live }, { request }))).toEqual(expected);
  });

  it("that nobody asked for is not judged", () => {
    expect(findAbout([wish({})], {}, { request: { images: {} } })).toEqual([]);
  });
});

describe("room", () => {
  const startFirst = {
    UpdateConfig: {
      Parallelism: 1,
      FailureAction: "rollback",
      MaxFailureRatio: 0,
      Order: "start-first",
    },
  };
  const hostPort = { EndpointSpec: { Ports: [{ PublishedPort: 80, PublishMode: "host" }] } };
  const update = { kind: "update", effect: "rolling_update" } as const;
  const SEATS = "failure no_suitable_node services.web.deploy.placement.max_replicas_per_node";
  const PORT = "failure no_suitable_node services.web.ports";

  it.each<[string, Wish, number, string[]]>([
    ["2 on 2, one a node", wish({ Placement: { MaxReplicas: 1 } }, replicas(2)), 2, []],
    ["3 on 2, one a node", wish({ Placement: { MaxReplicas: 1 } }, replicas(3)), 2, [SEATS]],
    [
      "2 on 2, start-first",
      wish({ Placement: { MaxReplicas: 1 } }, { ...replicas(2), ...startFirst }, update),
      2,
      [SEATS],
    ],
    [
      "2 on 3, start-first",
      wish({ Placement: { MaxReplicas: 1 } }, { ...replicas(2), ...startFirst }, update),
      3,
      [],
    ],
    [
      "2 on 2, start-first, new",
      wish({ Placement: { MaxReplicas: 1 } }, { ...replicas(2), ...startFirst }),
      2,
      [],
    ],
    [
      "2 on 2, start-first, nothing replaced",
      wish(
        { Placement: { MaxReplicas: 1 } },
        { ...replicas(2), ...startFirst },
        { kind: "update", effect: "none" },
      ),
      2,
      [],
    ],
    [
      "2 on 3, start-first, all at once",
      wish(
        { Placement: { MaxReplicas: 1 } },
        {
          ...replicas(2),
          UpdateConfig: { ...startFirst.UpdateConfig, Parallelism: 0 },
        },
        update,
      ),
      3,
      [SEATS],
    ],
    ["1 on 1, host port", wish({}, { ...replicas(1), ...hostPort }), 1, []],
    ["2 on 1, host port", wish({}, { ...replicas(2), ...hostPort }), 1, [PORT]],
    ["1 on 1, host port, start-first", wish({}, { ...hostPort, ...startFirst }, update), 1, [PORT]],
    ["global, host port", wish({}, { ...hostPort, Mode: { Global: {} } }), 1, []],
  ])("%s", (_, one, count, expected) => {
    expect(inShort(findAbout([one], { nodes: nodes(count) }))).toEqual(expected);
  });

  function reserving(cpus: number, gib: number): Partial<TaskSpec> {
    return {
      Resources: { Reservations: { NanoCPUs: cpus * 1e9, MemoryBytes: gib * GIB } },
    };
  }
  const RESERVED = "failure no_suitable_node services.web.deploy.resources.reservations";
  const SUM = "warning no_suitable_node";

  it.each<[string, Wish, number, string[]]>([
    ["one that fits", wish(reserving(2, 4)), 1, []],
    ["more CPUs than a node has", wish(reserving(2.5, 0)), 2, [RESERVED]],
    ["more memory than a node has", wish(reserving(0, 5)), 2, [RESERVED]],
    ["as many as fit", wish(reserving(1, 1), replicas(4)), 2, []],
    ["more than fit, by CPUs", wish(reserving(1, 1), replicas(5)), 2, [RESERVED, SUM]],
    ["more than fit, by shape", wish(reserving(1.5, 1), replicas(3)), 2, [RESERVED, SUM]],
    ["global, on every node", wish(reserving(2, 4), { Mode: { Global: {} } }), 3, []],
    ["global, too large", wish(reserving(0, 5), { Mode: { Global: {} } }), 3, [RESERVED, SUM]],
  ])("for what is reserved: %s", (_, one, count, expected) => {
    expect(inShort(findAbout([one], { nodes: nodes(count) }))).toEqual(expected);
  });

  it("counts what other stacks reserve, as a warning", () => {
    const other = { name: "other_web", stack: "other", task: reserving(1, 3) };
    const found = findAbout([wish(reserving(1, 2))], { services: [aLive(other)] });
    expect(found).toMatchObject([
      {
        level: "warning",
        code: "no_suitable_node",
        summary:
          "all services together would reserve 2 CPUs and 5 GiB of memory of the Swarm's 2 CPUs and 4 GiB of memory",
      },
    ]);
    expect(findAbout([wish({})], { services: [aLive(other)] })).toEqual([]);
  });

  it("does not count what the stack's own services reserve now", () => {
    const old = { name: "shop_old", owner: OWNER, task: reserving(1, 3) };
    expect(findAbout([wish(reserving(1, 2))], { services: [aLive(old)] })).toEqual([]);
  });
});

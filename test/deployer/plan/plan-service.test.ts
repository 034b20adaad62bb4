import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planService, type ServicePlan } from "../../../src/deployer/plan/plan-service.ts";
import type { LiveService } from "../../../src/deployer/ports.ts";
import { aLiveService, aService, aSpec, type SpecChanges } from "./stacks.ts";

const REPLICATED_3 = { Replicated: { Replicas: 3 } };
const START_FIRST = {
  Parallelism: 1,
  FailureAction: "rollback",
  MaxFailureRatio: 0,
  Order: "start-first",
};
const STOP_FIRST = { ...START_FIRST, Order: "stop-first" };
// A field that the types do not name.
const startInterval = { StartInterval: 1e9 };
const DIGEST = `sha256:${"a".repeat(64)}`;

function planFrom(
  before: SpecChanges,
  after: SpecChanges,
  live: Partial<LiveService> = {},
  nodes = 3,
): ServicePlan {
  const service = aService("web", after);
  return planService({
    service,
    desired: service.spec,
    live: aLiveService(aSpec("web", before), live),
    nodes,
  });
}

describe("planService", () => {
  it("creates what is not there", () => {
    const service = aService("web");
    const { planned, operation } = planService({
      service,
      desired: service.spec,
      live: null,
      nodes: 1,
    });
    expect(planned).toMatchObject({ kind: "create", key: "web", spec: service.spec, live: null });
    expect(operation).toEqual({
      kind: "create",
      target: "service shop_web",
      reason: "it does not exist yet",
      effect: "start",
      changes: [],
      risks: [],
    });
  });

  it("starts nothing for a new service without replicas", () => {
    const service = aService("web", { mode: { Replicated: { Replicas: 0 } } });
    const { operation } = planService({ service, desired: service.spec, live: null, nodes: 1 });
    expect(operation.effect).toBe("none");
  });

  it.each<[string, SpecChanges, SpecChanges]>([
    ["the same", {}, {}],
    [
      "Skep's own labels",
      { labels: { "skep.deployment": "a" } },
      { labels: { "skep.owner": "b" } },
    ],
    ["the CLI's own label", { labels: { "com.docker.stack.image": "a" } }, {}],
    ["a forced restart", { task: { ForceUpdate: 3 } }, {}],
    [
      "the order of variables",
      { container: { Env: ["A=1", "B=2"] } },
      { container: { Env: ["B=2", "A=1"] } },
    ],
    [
      "the order of ports",
      {
        ports: [
          { TargetPort: 1, PublishedPort: 1 },
          { TargetPort: 2, PublishedPort: 2 },
        ],
      },
      {
        ports: [
          { TargetPort: 2, PublishedPort: 2 },
          { TargetPort: 1, PublishedPort: 1 },
        ],
      },
    ],
    ["platforms", { task: { Placement: { Platforms: [{ OS: "linux" }] } } }, {}],
    [
      "the pin of a tag",
      { container: { Image: `nginx:1.25@${DIGEST}` } },
      { container: { Image: "nginx:1.25" } },
    ],
    ["zeros that the engine leaves out", {}, { update: { ...START_FIRST, Delay: 0, Monitor: 0 } }],
    [
      "what the API does not carry",
      { container: { Healthcheck: { Test: ["CMD", "a"] } } },
      { container: { Healthcheck: { Test: ["CMD", "a"], ...startInterval }, OomScoreAdj: 5 } },
    ],
    [
      "the order of configs",
      { container: { Configs: [aReference("a"), aReference("b", "/u")] } },
      { container: { Configs: [aReference("b", "/u"), aReference("a")] } },
    ],
    [
      "capabilities in another order",
      { container: { CapabilityAdd: ["A", "B"] } },
      { container: { CapabilityAdd: ["B", "A"] } },
    ],
    [
      "a job's defaults",
      { mode: { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 2 } } },
      { mode: { ReplicatedJob: { MaxConcurrent: 2 } } },
    ],
  ])("keeps a service that differs in no more than %s", (_, before, after) => {
    const { planned, operation } = planFrom(before, after);
    expect(planned.kind).toBe("keep");
    expect(operation).toEqual({
      kind: "keep",
      target: "service shop_web",
      reason: "it is so already",
      effect: "none",
      changes: [],
      risks: [],
    });
  });

  it.each(["paused", "rollback_paused"])("sends the same spec again after %s", (state) => {
    const update = { state, message: "", startedAt: 0, completedAt: null };
    const { planned, operation } = planFrom({}, {}, { update });
    expect(planned.kind).toBe("update");
    expect(operation).toMatchObject({ kind: "update", effect: "rolling_update", changes: [] });
  });

  it.each(["updating", "completed", "rollback_completed"])(
    "keeps an equal one that is %s",
    (state) => {
      const update = { state, message: "", startedAt: 0, completedAt: null };
      expect(planFrom({}, {}, { update }).planned.kind).toBe("keep");
    },
  );

  it.each<[SpecChanges, SpecChanges, readonly string[]]>([
    [{}, { container: { Image: "b:2" } }, ["image: registry.example.com/app:1 → b:2"]],
    [{}, { container: { Env: ["LOG=x"] } }, ["environment.LOG: (none) → x"]],
    [{ container: { Env: ["A=1"] } }, { container: { Env: ["A="] } }, ["environment.A: 1 → "]],
    [
      { container: { Env: ["DB_PASSWORD=old"] } },
      { container: { Env: ["DB_PASSWORD=new"] } },
      ["environment.DB_PASSWORD: *** → ***"],
    ],
    [
      {},
      { container: { Env: ["U=postgres://u:hunter2@db/x"] } },
      ["environment.U: (none) → postgres://***@db/x"],
    ],
    [
      {},
      { container: { Args: ["a", "--api-token", "abc"] } },
      ['command: (none) → ["a","--api-token","***"]'],
    ],
    [{}, { labels: { "a/Env/b": "c" } }, ["deploy.labels.a/Env/b: (none) → c"]],
    [
      { labels: { "a/Env/b": "1x" } },
      { labels: { "a/Env/b": "2x" } },
      ["deploy.labels.a/Env/b: 1x → 2x"],
    ],
    [
      {},
      { ports: [{ TargetPort: 80, PublishedPort: 8080 }] },
      ['ports: (none) → ["8080→80/tcp ingress"]'],
    ],
    [
      { task: { Networks: [{ Target: "a", Aliases: ["web"] }] } },
      { task: { Networks: [{ Target: "b", Aliases: ["web"], DriverOpts: { mtu: "1" } }] } },
      ['networks: ["a web"] → ["b web {\\"DriverOpts\\":{\\"mtu\\":\\"1\\"}}"]'],
    ],
    [
      {},
      { container: { Env: ["__proto__=1", "constructor=2"] }, labels: { constructor: "3" } },
      [
        "deploy.labels.constructor: (none) → 3",
        "environment.__proto__: (none) → 1",
        "environment.constructor: (none) → 2",
      ],
    ],
    [{}, { container: { Init: false } }, ["init: (none) → false"]],
    [{}, { container: { Healthcheck: {} } }, ["healthcheck: (none) → {}"]],
    [{}, { container: { DNSConfig: {} } }, ["dns: (none) → {}"]],
    [{}, { task: { LogDriver: {} } }, ["logging: (none) → {}"]],
    [
      {},
      { task: { Resources: { Limits: { NanoCPUs: 0 } } } },
      ["deploy.resources.limits: (none) → {}"],
    ],
    [
      {},
      { task: { LogDriver: { Name: "gelf", Options: { "splunk-token": "abc", Tag: "" } } } },
      [
        "logging.driver: (none) → gelf",
        "logging.options.Tag: (none) → ",
        "logging.options.splunk-token: (none) → ***",
      ],
    ],
    [
      {},
      { container: { Mounts: [{ Type: "volume", Source: "shop_data", Target: "/data" }] } },
      ["volumes./data: (none) → volume shop_data"],
    ],
    [
      { container: { Mounts: [mount("/a"), mount("/b")] } },
      { container: { Mounts: [mount("/b"), mount("/a")] } },
      ['volumes: ["/a","/b"] → ["/b","/a"]'],
    ],
    [
      {},
      {
        container: {
          Mounts: [
            {
              Type: "volume",
              Source: "v",
              Target: "/d",
              ReadOnly: true,
              VolumeOptions: {
                Labels: { "com.docker.stack.namespace": "shop" },
                DriverConfig: { Name: "local", Options: { o: "username=a,password=hunter2,x" } },
              },
            },
          ],
        },
      },
      [
        'volumes./d: (none) → volume v read-only {"VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"o":"username=a,password=***,x"}}}}',
      ],
    ],
    [
      { container: { Configs: [aReference("shop_a_1")] } },
      { container: { Configs: [aReference("shop_a_2", "/t", 0o400)] } },
      ["configs./t: shop_a_1 → shop_a_2 0:0 0400"],
    ],
    [
      {},
      { container: { Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }] } },
      ['ulimits: (none) → ["nofile=1:2"]'],
    ],
    [
      {},
      { container: { Sysctls: { "net.core.somaxconn": "" } } },
      ["sysctls.net.core.somaxconn: (none) → "],
    ],
    [
      {},
      {
        container: { StopGracePeriod: 15e8 },
        task: { Resources: { Limits: { MemoryBytes: 2 ** 26, NanoCPUs: 5e8 } } },
      },
      [
        "stop_grace_period: (none) → 1.5s",
        "deploy.resources.limits.memory: (none) → 64MiB",
        "deploy.resources.limits.cpus: (none) → 0.5",
      ],
    ],
    [
      {},
      {
        task: {
          Placement: {
            Constraints: ["node.role==worker"],
            MaxReplicas: 2,
            Preferences: [{ Spread: { SpreadDescriptor: "node.labels.z" } }],
          },
        },
      },
      [
        'deploy.placement.constraints: (none) → ["node.role==worker"]',
        "deploy.placement.max_replicas_per_node: (none) → 2",
        'deploy.placement.preferences: (none) → ["node.labels.z"]',
      ],
    ],
  ])("names the exact fields that changed: %j → %j", (before, after, changes) => {
    const { operation } = planFrom(before, after);
    expect(operation).toMatchObject({ kind: "update", changes });
  });

  it("keeps every line of changes at 200 characters", () => {
    const line = (before: string, after: string): string =>
      planFrom({ container: { Env: [`A=${before}`] } }, { container: { Env: [`A=${after}`] } })
        .operation.changes[0] ?? "";
    expect(line("x", "y".repeat(4000))).toBe(`environment.A: x → ${"y".repeat(180)}…`);
    expect(line("x".repeat(4000), "y".repeat(4000))).toHaveLength(200);
    expect(line("x", "y".repeat(5000))).toBe("environment.A: x → (5000 characters)");
    expect(line("x", "a://".repeat(100_000))).toBe("environment.A: x → (400000 characters)");
    const { operation } = planFrom({}, { labels: { ["l".repeat(5000)]: "x".repeat(500) } });
    expect(operation.changes[0]?.length).toBeLessThanOrEqual(200);
    expect(operation.reason.length).toBeLessThanOrEqual(200);
  });

  it("never shows half a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "🐝"), minLength: 60 }), (text) => {
        const { operation } = planFrom({}, { container: { Env: [`A=${text.repeat(4)}`] } });
        expect(operation.changes[0]?.isWellFormed()).toBe(true);
      }),
    );
  });

  it.each<[string, SpecChanges, SpecChanges, string]>([
    ["start-first rolls", {}, { container: { Image: "b" } }, "rolling_update"],
    [
      "stop-first with one task is a restart",
      {},
      { container: { Image: "b" }, update: STOP_FIRST },
      "restart",
    ],
    [
      "stop-first, one of three at a time, rolls",
      { mode: REPLICATED_3 },
      { mode: REPLICATED_3, container: { Image: "b" }, update: STOP_FIRST },
      "rolling_update",
    ],
    [
      "stop-first, all at once, is a restart",
      { mode: REPLICATED_3 },
      { mode: REPLICATED_3, container: { Image: "b" }, update: { ...STOP_FIRST, Parallelism: 0 } },
      "restart",
    ],
    [
      "a global service on three nodes rolls",
      { mode: { Global: {} } },
      { mode: { Global: {} }, container: { Image: "b" }, update: STOP_FIRST },
      "rolling_update",
    ],
    ["labels of the service disturb no task", {}, { labels: { a: "1" } }, "none"],
    ["constraints disturb no task", {}, { task: { Placement: { Constraints: ["a==b"] } } }, "none"],
    ["how updates go disturbs no task", {}, { update: STOP_FIRST }, "none"],
    ["more replicas start", {}, { mode: REPLICATED_3 }, "start"],
    ["fewer replicas stop", { mode: REPLICATED_3 }, {}, "stop"],
    [
      "no replicas only stop",
      {},
      { container: { Image: "b" }, mode: { Replicated: { Replicas: 0 } } },
      "stop",
    ],
    [
      "a published port restarts",
      {},
      { ports: [{ TargetPort: 80 }], update: STOP_FIRST },
      "restart",
    ],
    [
      "a job runs again, for a label too",
      { mode: { GlobalJob: {} } },
      { mode: { GlobalJob: {} }, labels: { a: "1" } },
      "start",
    ],
  ])("tells the effect: %s", (_, before, after, effect) => {
    expect(planFrom(before, after).operation.effect).toBe(effect);
  });

  it("says that a changed job runs again", () => {
    const mode = { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 1 } };
    const { operation } = planFrom({ mode }, { mode, container: { Image: "b" } });
    expect(operation.reason).toBe("image differs; the job runs again");
  });

  it("is a restart for a global service on one node", () => {
    const mode = { Global: {} };
    const plan = planFrom({ mode }, { mode, container: { Image: "b" }, update: STOP_FIRST }, {}, 1);
    expect(plan.operation.effect).toBe("restart");
  });

  it("makes a service anew whose mode changes", () => {
    const { planned, operation } = planFrom({}, { mode: { Global: {} } });
    expect(planned.kind).toBe("recreate");
    expect(operation).toMatchObject({
      kind: "update",
      effect: "recreate",
      changes: ["deploy.mode: replicated → global", "deploy.replicas: 1 → (none)"],
      risks: [{ code: "service_recreated" }],
    });
  });

  it("gives a reason that stays short", () => {
    const Env = ["A=1", "B=2", "C=3", "D=4", "E=5"];
    expect(planFrom({}, { container: { Env } }).operation.reason).toBe(
      "environment.A, environment.B, environment.C and 2 more differ",
    );
    expect(planFrom({}, { container: { Image: "b" } }).operation.reason).toBe("image differs");
  });

  it("sends the live template where only labels differ, so that no task restarts", () => {
    const container = { Env: ["B=2", "A=1"], Isolation: "default" };
    const before = {
      container,
      task: { ForceUpdate: 3, Placement: { Platforms: [{ OS: "linux" }] } },
    };
    const { planned } = planFrom(before, {
      container: { Env: ["A=1", "B=2"] },
      labels: { a: "1" },
    });
    expect(planned.kind).toBe("update");
    expect(planned.spec.TaskTemplate).toEqual(planned.live?.spec.TaskTemplate);
    expect(planned.spec.Labels).toMatchObject({ a: "1" });
  });

  it("always sends a placement, also over a live spec without one", () => {
    const spec = aSpec("web");
    const { Placement: _, ...TaskTemplate } = spec.TaskTemplate;
    const live = JSON.parse(JSON.stringify({ ...spec, TaskTemplate }));
    const service = aService("web", { labels: { a: "1" } });
    const { planned } = planService({
      service,
      desired: service.spec,
      live: aLiveService(live),
      nodes: 1,
    });
    expect(planned.spec.TaskTemplate.Placement).toEqual({});
  });

  it("keeps pin, platforms and forced restarts when something else changes", () => {
    const Image = `nginx:1.25@${DIGEST}`;
    const Platforms = [{ OS: "linux", Architecture: "amd64" }];
    const { planned } = planFrom(
      { container: { Image }, task: { ForceUpdate: 3, Placement: { Platforms } } },
      { container: { Image: "nginx:1.25", Env: ["A=1"] } },
    );
    const { TaskTemplate } = planned.spec;
    expect(TaskTemplate.ContainerSpec).toMatchObject({ Image, Env: ["A=1"] });
    expect(TaskTemplate.Placement).toEqual({ Platforms });
    expect(TaskTemplate.ForceUpdate).toBe(3);
  });

  it("moves to another digest, and to another tag", () => {
    const Image = `nginx:1.25@${DIGEST}`;
    for (const other of [`nginx:1.25@sha256:${"b".repeat(64)}`, "nginx:1.2", "nginx:1.26"]) {
      const { planned } = planFrom({ container: { Image } }, { container: { Image: other } });
      expect(planned.spec.TaskTemplate.ContainerSpec.Image).toBe(other);
    }
  });

  it("never shows a secret of the environment", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string(), (secret, other) => {
        fc.pre(secret !== other && !"environment.APP_SECRET: *** → ***".includes(secret));
        const { operation } = planFrom(
          { container: { Env: [`APP_SECRET=${secret}`] } },
          { container: { Env: [`APP_SECRET=${other}`] } },
        );
        expect(operation.kind).toBe("update");
        expect(operation.changes).toEqual(["environment.APP_SECRET: *** → ***"]);
      }),
    );
  });
});

function aReference(ConfigName: string, Name = "/t", Mode = 0o444) {
  return { ConfigName, File: { Name, UID: "0", GID: "0", Mode } };
}

function mount(Target: string) {
  return { Type: "volume", Source: "v", Target };
}

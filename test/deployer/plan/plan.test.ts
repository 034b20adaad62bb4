import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planService } from "../../../src/deployer/plan/plan.ts";
import type { ServiceSpec } from "../../../src/swarm-objects.ts";
import type { ServiceDefinition } from "../../../src/release.ts";
import {
  aDefinition,
  aDeploy,
  aHealthcheck,
  aService,
  aSpec,
} from "../../support/swarm-builders.ts";

function planFrom(before: Partial<ServiceDefinition>, after: Partial<ServiceDefinition>) {
  return planService({
    desired: aSpec(after, "dep_2"),
    live: aService({ spec: readBack(aSpec(before, "dep_1")) }),
  })[0];
}

/** What the engine answers for a spec (compose-mapping §13). */
function readBack(spec: ServiceSpec): ServiceSpec {
  const { ContainerSpec, RestartPolicy, ...task } = spec.TaskTemplate;
  const extra = { Isolation: "default" };
  const runtime = { Runtime: "container" };
  return {
    ...spec,
    TaskTemplate: {
      ...task,
      ...runtime,
      ContainerSpec: { ...ContainerSpec, ...extra },
      ...(RestartPolicy && { RestartPolicy: { MaxAttempts: 0, ...RestartPolicy } }),
    },
    EndpointSpec: { Mode: "vip", ...spec.EndpointSpec },
  };
}

describe("planService", () => {
  it("creates what is not there", () => {
    expect(planService({ desired: aSpec(), live: null })).toEqual([
      {
        kind: "create",
        target: "service shop-production_shop",
        reason: "it does not exist yet",
        effect: "start",
        changes: [],
      },
    ]);
  });

  it("starts nothing for a new service without replicas", () => {
    const desired = aSpec({ deploy: aDeploy({ replicas: 0 }) });
    expect(planService({ desired, live: null })[0]?.effect).toBe("none");
  });

  it("keeps a service that differs in Skep's own labels only", () => {
    expect(planFrom({}, {})).toEqual({
      kind: "keep",
      target: "service shop-production_shop",
      reason: "it is so already",
      effect: "none",
      changes: [],
    });
  });

  it("keeps a service that somebody restarted by force", () => {
    const spec = aSpec({}, "dep_1");
    const forced = { ...spec, TaskTemplate: { ...spec.TaskTemplate, ForceUpdate: 3 } };
    const plan = planService({ desired: aSpec(), live: aService({ spec: forced }) });
    expect(plan[0]?.kind).toBe("keep");
  });

  it.each(["paused", "rollback_paused"])("sends the same spec again after %s", (state) => {
    const update = { state, message: "", startedAt: 0, completedAt: null };
    const [operation] = planService({ desired: aSpec(), live: aService({ update }) });
    expect(operation).toMatchObject({ kind: "update", effect: "rolling_update", changes: [] });
  });

  it.each<[string, Partial<ServiceDefinition>, Partial<ServiceDefinition>, string[]]>([
    ["image", {}, { image: "img:2" }, ["image: img:1 → img:2"]],
    [
      "a new variable",
      {},
      { environment: { LOG_LEVEL: "debug" } },
      ["environment.LOG_LEVEL: (none) → debug"],
    ],
    [
      "an emptied variable",
      { environment: { A: "1" } },
      { environment: { A: "" } },
      ["environment.A: 1 → "],
    ],
    [
      "a secret",
      { environment: { DB_PASSWORD: "old" } },
      { environment: { DB_PASSWORD: "new" } },
      ["environment.DB_PASSWORD: *** → ***"],
    ],
    [
      "a login in a URL",
      {},
      { environment: { DATABASE_URL: "postgres://u:hunter2@db/x" } },
      ["environment.DATABASE_URL: (none) → postgres://***@db/x"],
    ],
    [
      "a token among the arguments",
      {},
      { command: ["run", "--api-token", "abc"] },
      ['command: (none) → ["run","--api-token","***"]'],
    ],
    ["an empty label", {}, { labels: { a: "" } }, ["labels.a: (none) → "]],
    [
      "a service label",
      {},
      { deploy: aDeploy({ labels: { "a/b": "c" } }) },
      ["deploy.labels.a/b: (none) → c"],
    ],
    [
      "a port",
      {},
      { ports: [{ target: 80, published: 8080, protocol: "tcp", mode: "ingress" }] },
      ['ports: (none) → ["8080→80/tcp ingress"]'],
    ],
    ["a network", {}, { networks: ["other"] }, ['networks: ["skep shop"] → ["other shop"]']],
    ["init", {}, { init: false }, ["init: (none) → false"]],
    [
      "an empty health check",
      {},
      { healthcheck: aHealthcheck({ test: [] }) },
      ["healthcheck: (none) → {}"],
    ],
    [
      "durations and sizes",
      {},
      {
        stopGracePeriodMs: 1500,
        deploy: aDeploy({
          resources: {
            limits: { nanoCpus: 500_000_000, memoryBytes: 64 * 1024 * 1024 },
            reservations: { nanoCpus: null, memoryBytes: 1000 },
          },
        }),
      },
      [
        "stop_grace_period: (none) → 1.5s",
        "deploy.resources.limits.memory: (none) → 64MiB",
        "deploy.resources.limits.cpus: (none) → 0.5",
        "deploy.resources.reservations.memory: (none) → 1000B",
      ],
    ],
  ])("names the exact field that changed: %s", (_, before, after, changes) => {
    expect(planFrom(before, after)).toMatchObject({ kind: "update", changes });
  });

  it("masks a password that is removed as well", () => {
    const operation = planFrom({ environment: { API_KEY: "abc" } }, {});
    expect(operation?.changes).toEqual(["environment.API_KEY: *** → (none)"]);
  });

  it("shortens what is long", () => {
    const changeOf = (A: string): string | undefined =>
      planFrom({}, { environment: { A } })?.changes[0];
    expect(changeOf("x".repeat(4000))).toBe(`environment.A: (none) → ${"x".repeat(200)}…`);
    expect(changeOf("x".repeat(5000))).toBe("environment.A: (none) → (5000 characters)");
    expect(changeOf("a://".repeat(100_000))).toBe("environment.A: (none) → (400000 characters)");
  });

  it.each<[string, Partial<ServiceDefinition>, Partial<ServiceDefinition>, string]>([
    ["a new image rolls behind start-first", {}, { image: "img:2" }, "rolling_update"],
    [
      "a new image with one task and a host port is a restart",
      {},
      {
        image: "img:2",
        ports: [{ target: 80, published: 80, protocol: "tcp", mode: "host" }],
      },
      "restart",
    ],
    [
      "labels of the service disturb no task",
      {},
      { deploy: aDeploy({ labels: { a: "1" } }) },
      "none",
    ],
    [
      "constraints disturb no task",
      {},
      { deploy: aDeploy({ placement: { constraints: ["node.role==worker"] } }) },
      "none",
    ],
    ["more replicas start", {}, { deploy: aDeploy({ replicas: 3 }) }, "start"],
    ["fewer replicas stop", { deploy: aDeploy({ replicas: 3 }) }, {}, "stop"],
    [
      "a new image for no replicas only stops",
      {},
      { image: "img:2", deploy: aDeploy({ replicas: 0 }) },
      "stop",
    ],
  ])("tells the effect: %s", (_, before, after, effect) => {
    expect(planFrom(before, after)?.effect).toBe(effect);
  });

  it("gives a reason that stays short", () => {
    const environment = { A: "1", B: "2", C: "3", D: "4", E: "5" };
    expect(planFrom({}, { environment })?.reason).toBe(
      "environment.A, environment.B, environment.C and 2 more differ",
    );
    expect(planFrom({}, { image: "img:2" })?.reason).toBe("image differs");
  });

  it("shows what somebody changed by hand", () => {
    const spec = aSpec({}, "dep_1");
    const task = { ...spec.TaskTemplate.ContainerSpec, Hostname: "by-hand", ReadOnly: true };
    const live = { ...spec, TaskTemplate: { ...spec.TaskTemplate, ContainerSpec: task } };
    const [operation] = planService({ desired: aSpec(), live: aService({ spec: live }) });
    expect(operation?.changes).toEqual(["hostname: by-hand → (none)", "read_only: true → (none)"]);
  });

  it("keeps whatever the engine read back, for any definition", () => {
    fc.assert(
      fc.property(anyDefinition, (definition) => {
        expect(planFrom(definition, definition)?.kind).toBe("keep");
      }),
    );
  });

  it("updates whenever a variable differs, and never shows a secret", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string(), (secret, other) => {
        fc.pre(secret !== other && !"environment.APP_SECRET: *** → ***".includes(secret));
        const operation = planFrom(
          { environment: { APP_SECRET: secret } },
          { environment: { APP_SECRET: other } },
        );
        expect(operation?.kind).toBe("update");
        expect(JSON.stringify(operation)).not.toContain(secret);
      }),
    );
  });
});

const words = fc.array(fc.string({ minLength: 1 }), { maxLength: 3 });
const names = fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.]{0,8}$/), fc.string(), {
  noNullPrototype: true,
});
const anyDefinition: fc.Arbitrary<Partial<ServiceDefinition>> = fc
  .record({
    environment: names,
    labels: names,
    command: fc.option(words),
    networks: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/), { maxLength: 3 }),
    init: fc.option(fc.boolean()),
    stopGracePeriodMs: fc.option(fc.nat()),
    replicas: fc.nat({ max: 5 }),
    ratio: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  })
  .map(({ replicas, ratio, ...rest }) => {
    const { updateConfig } = aDefinition().deploy;
    return {
      ...rest,
      deploy: aDeploy({ replicas, updateConfig: { ...updateConfig, maxFailureRatio: ratio } }),
    };
  });

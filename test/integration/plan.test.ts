import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildServiceSpec } from "../../src/deployer/compose/service.ts";
import { createDockerClient } from "../../src/deployer/docker/client.ts";
import { createDockerodeSwarm } from "../../src/deployer/docker/dockerode-swarm.ts";
import { planService } from "../../src/deployer/plan/plan.ts";
import type { Swarm } from "../../src/deployer/ports.ts";
import type { ServiceSpec } from "../../src/swarm-objects.ts";
import { SkepError } from "../../src/errors.ts";
import type { ServiceDefinition } from "../../src/release.ts";
import { removeServices, sharedDocker, sharedEngine } from "../support/engine.ts";
import { aDefinition, aDeploy, aHealthcheck } from "../support/swarm-builders.ts";
import { waitUntil } from "../support/wait-until.ts";

const STACK = "settled";
const NETWORK = "settled-net";
const OTHER_NETWORK = "settled-net-2";
const NONE = aDefinition().deploy;

// Without tasks the engine stores the same, and nobody waits. Each has a first spec and one that replaces it.
const CASES: readonly (readonly [
  string,
  Partial<ServiceDefinition>,
  Partial<ServiceDefinition>,
])[] = [
  ["nothing but an image", {}, { image: "localhost/skep/other:2" }],
  ["an image that the engine spells out", { image: "img" }, { image: "team/img" }],
  [
    "commands and surroundings",
    { command: ["a", ""], entrypoint: ["/bin/sh", "-c"], user: "1000:1000", workingDir: "/srv" },
    { command: [], entrypoint: [], user: "", workingDir: "", init: true },
  ],
  ["init said to be off", { init: false }, { init: null }],
  [
    "variables and labels",
    { environment: { B: "2", A: "", "C D": "=x=\n$é" }, labels: { "a.b": "", c: "d" } },
    { environment: {}, labels: {} },
  ],
  [
    "ports",
    {
      ports: [
        { target: 80, published: 18_090, protocol: "tcp", mode: "ingress" },
        { target: 53, published: 18_053, protocol: "udp", mode: "host" },
        { target: 81, published: null, protocol: "tcp", mode: "host" },
      ],
    },
    { ports: [] },
  ],
  ["networks", { networks: [OTHER_NETWORK, NETWORK] }, { networks: [NETWORK] }],
  [
    "a health check",
    {
      healthcheck: aHealthcheck({
        intervalMs: 5_000,
        timeoutMs: 1_500,
        retries: 5,
        startPeriodMs: 10_000,
      }),
    },
    { healthcheck: aHealthcheck({ test: ["NONE"] }) },
  ],
  [
    "a health check of noughts",
    { healthcheck: aHealthcheck({ intervalMs: 0, timeoutMs: 0, retries: 0, startPeriodMs: 0 }) },
    { healthcheck: null },
  ],
  ["times to stop", { stopGracePeriodMs: 0 }, { stopGracePeriodMs: 61_500 }],
  [
    "resources",
    {
      deploy: aDeploy({
        resources: {
          limits: { nanoCpus: 500_000_000, memoryBytes: 67_108_864 },
          reservations: { nanoCpus: null, memoryBytes: 33_554_432 },
        },
      }),
    },
    {
      deploy: aDeploy({
        resources: {
          limits: { nanoCpus: 0, memoryBytes: 0 },
          reservations: { nanoCpus: null, memoryBytes: null },
        },
      }),
    },
  ],
  [
    "placement and restarts",
    {
      deploy: aDeploy({
        placement: { constraints: ["node.role==manager", "node.labels.disk != slow"] },
        restartPolicy: { condition: "any", delayMs: null, maxAttempts: null, windowMs: null },
      }),
    },
    {
      deploy: aDeploy({
        restartPolicy: { condition: "on-failure", delayMs: 0, maxAttempts: 0, windowMs: 90_000 },
      }),
    },
  ],
  [
    "the way of updates",
    {
      deploy: aDeploy({
        updateConfig: {
          parallelism: 0,
          delayMs: 0,
          monitorMs: 0,
          maxFailureRatio: 0.25,
          order: "start-first",
          failureAction: "continue",
        },
      }),
    },
    { deploy: aDeploy({ labels: { "traefik.enable": "true", empty: "" } }) },
  ],
];

describe("a plan on a real Swarm", () => {
  let swarm: Swarm;
  beforeAll(async () => {
    swarm = createDockerodeSwarm(createDockerClient(`unix://${sharedEngine().socketPath}`));
    for (const Name of [NETWORK, OTHER_NETWORK]) {
      await sharedDocker().createNetwork({ Name, Driver: "overlay" });
    }
  });
  afterAll(async () => {
    await removeServices(STACK);
    for (const name of [NETWORK, OTHER_NETWORK]) {
      await waitUntil(`network ${name} is gone`, () =>
        sharedDocker()
          .getNetwork(name)
          .remove()
          .then(
            () => true,
            () => false,
          ),
      );
    }
  });

  function specOf(index: number, change: Partial<ServiceDefinition>): ServiceSpec {
    const definition = aDefinition(change);
    return buildServiceSpec({
      stackName: STACK,
      serviceName: `case${index}`,
      definition: { ...definition, deploy: { ...NONE, ...definition.deploy, replicas: 0 } },
      image: definition.image ?? "",
      deploymentId: "dep_1",
      releaseId: "rel_1",
      extraLabels: {},
      defaultNetwork: NETWORK,
    });
  }

  /** Swarm itself writes a service again soon after its creation, and may do so between our look and our update. */
  async function update(spec: ServiceSpec): Promise<void> {
    await waitUntil(`the update of ${spec.Name} is taken`, async () => {
      const live = await swarm.service(spec.Name);
      if (!live) throw new Error("the service is gone");
      try {
        await swarm.updateService(live, spec);
        return true;
      } catch (error) {
        if (error instanceof SkepError && error.code === "swarm_conflict") return false;
        throw error;
      }
    });
  }

  it.each(CASES.map(([name, ...changes], index) => [name, index, ...changes] as const))(
    "is empty once it is carried out: %s",
    async (_name, index, first, second) => {
      const created = specOf(index, first);
      await swarm.createService(created);
      const live = await swarm.service(created.Name);
      expect(planService({ desired: created, live })).toEqual([
        expect.objectContaining({ kind: "keep", changes: [] }),
      ]);

      const updated = specOf(index, second);
      expect(planService({ desired: updated, live })).toEqual([
        expect.objectContaining({ kind: "update" }),
      ]);
      await update(updated);
      const again = await swarm.service(updated.Name);
      expect(planService({ desired: updated, live: again })).toEqual([
        expect.objectContaining({ kind: "keep", changes: [] }),
      ]);
    },
  );
});

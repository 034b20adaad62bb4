import type { LiveService, LiveTask } from "../../src/deployer/ports.ts";
import { buildServiceSpec } from "../../src/deployer/compose/service.ts";
import type { ServiceSpec } from "../../src/swarm-objects.ts";
import type { ServiceDefinition } from "../../src/release.ts";

/** A Compose service that says nothing but its image. */
export function aDefinition(change: Partial<ServiceDefinition> = {}): ServiceDefinition {
  return {
    image: "img:1",
    build: null,
    command: null,
    entrypoint: null,
    environment: {},
    ports: [],
    networks: [],
    healthcheck: null,
    labels: {},
    stopGracePeriodMs: null,
    user: null,
    workingDir: null,
    init: null,
    deploy: aDeploy(),
    ...change,
  };
}

/** A `deploy` section that says nothing. */
export function aDeploy(
  change: Partial<ServiceDefinition["deploy"]> = {},
): ServiceDefinition["deploy"] {
  const nothing = { nanoCpus: null, memoryBytes: null };
  return {
    replicas: 1,
    labels: {},
    placement: { constraints: [] },
    resources: { limits: nothing, reservations: nothing },
    updateConfig: {
      parallelism: null,
      delayMs: null,
      monitorMs: null,
      maxFailureRatio: null,
      order: null,
      failureAction: null,
    },
    restartPolicy: null,
    ...change,
  };
}

/** A health check that says nothing but what it runs. */
export function aHealthcheck(
  change: Partial<NonNullable<ServiceDefinition["healthcheck"]>> = {},
): NonNullable<ServiceDefinition["healthcheck"]> {
  return {
    test: ["CMD-SHELL", "true"],
    intervalMs: null,
    timeoutMs: null,
    retries: null,
    startPeriodMs: null,
    ...change,
  };
}

/** The spec of `shop-production_shop` as deployment `dep_new` wants it. */
export function aSpec(
  definition: Partial<ServiceDefinition> = {},
  deploymentId = "dep_new",
): ServiceSpec {
  const full = aDefinition(definition);
  return buildServiceSpec({
    stackName: "shop-production",
    serviceName: "shop",
    definition: full,
    image: full.image ?? "img:1",
    deploymentId,
    releaseId: `rel_of_${deploymentId}`,
    extraLabels: { "skep.owner": "1/shop/production" },
    defaultNetwork: "skep",
  });
}

/** The service as the Swarm holds it. */
export function aService(change: Partial<LiveService> = {}): LiveService {
  return {
    id: "svc1",
    version: 10,
    spec: aSpec(),
    update: null,
    createdAt: 0,
    updatedAt: 0,
    ...change,
  };
}

/** A running task of the current spec. */
export function aTask(change: Partial<LiveTask> = {}): LiveTask {
  return {
    id: "task1",
    slot: 1,
    nodeId: "node1",
    state: "running",
    desiredState: "running",
    error: "",
    message: "started",
    exitCode: null,
    containerId: "c1",
    createdAt: 1_000_000,
    stateSince: 1_000_000,
    isCurrent: true,
    ...change,
  };
}

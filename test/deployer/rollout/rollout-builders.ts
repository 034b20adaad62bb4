import type { LiveService, LiveTask } from "../../../src/deployer/ports.ts";
import type {
  ContainerSpec,
  PortConfig,
  ServiceSpec,
  TaskSpec,
} from "../../../src/swarm-objects.ts";

const STACK = "shop-production";

/** What a spec of these tests says besides its defaults. */
export interface SpecChange {
  readonly name?: string;
  readonly deploymentId?: string | null;
  readonly mode?: ServiceSpec["Mode"];
  readonly task?: Partial<TaskSpec>;
  readonly container?: Partial<ContainerSpec>;
  readonly update?: Partial<NonNullable<ServiceSpec["UpdateConfig"]>>;
  readonly ports?: readonly PortConfig[];
}

/** The spec of `shop-production_<name>` as deployment `dep_new` wants it. */
export function aSpec(change: SpecChange = {}): ServiceSpec {
  const {
    name = "shop",
    deploymentId = "dep_new",
    mode = { Replicated: { Replicas: 1 } },
  } = change;
  return {
    Name: `${STACK}_${name}`,
    Labels: {
      "com.docker.stack.namespace": STACK,
      ...(deploymentId === null ? {} : { "skep.deployment": deploymentId }),
    },
    TaskTemplate: {
      ContainerSpec: {
        Image: "img:1",
        Labels: {},
        Privileges: { CredentialSpec: null, SELinuxContext: null },
        ...change.container,
      },
      Resources: {},
      Placement: {},
      ForceUpdate: 0,
      ...change.task,
    },
    Mode: mode,
    UpdateConfig: {
      Parallelism: 1,
      FailureAction: "rollback",
      MaxFailureRatio: 0,
      Order: "start-first",
      Monitor: 5_000_000_000,
      ...change.update,
    },
    EndpointSpec: change.ports ? { Ports: change.ports } : {},
  };
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

import type { PreflightFinding } from "../../../src/deployer/preflight/finding.ts";
import { preflight } from "../../../src/deployer/preflight/preflight.ts";
import type { PreflightRequest } from "../../../src/deployer/preflight/request.ts";
import type { PlannedService, StackPlan } from "../../../src/deployer/plan/stack-plan.ts";
import type { LiveCluster, LiveNode, LiveService } from "../../../src/deployer/ports.ts";
import type { PlanOperation } from "../../../src/deployment.ts";
import type { ReleaseService, ReleaseStack } from "../../../src/release.ts";
import type { NetworkSpec, ServiceSpec, TaskSpec } from "../../../src/swarm-objects.ts";

export const OWNER = "1/shop/production";
const NAMESPACE = "com.docker.stack.namespace";

/** What a service differs in from one that asks for nothing. */
export interface SpecChange {
  readonly name?: string;
  /** Null for no stack. */
  readonly stack?: string | null;
  readonly owner?: string | null;
  readonly container?: Partial<TaskSpec["ContainerSpec"]>;
  readonly task?: Partial<TaskSpec>;
  readonly spec?: Partial<ServiceSpec>;
}

/** A service's body, of the stack `shop` if not told otherwise. */
export function aSpec(change: SpecChange = {}): ServiceSpec {
  const { name = "shop_web", stack = "shop", owner = null, container, task, spec } = change;
  return {
    Name: name,
    Labels: {
      ...(stack === null ? {} : { [NAMESPACE]: stack }),
      ...(owner === null ? {} : { "skep.owner": owner }),
    },
    TaskTemplate: {
      ContainerSpec: {
        Image: "nginx:1.27",
        Labels: {},
        Privileges: { CredentialSpec: null, SELinuxContext: null },
        ...container,
      },
      Resources: {},
      Placement: {},
      ForceUpdate: 0,
      ...task,
    },
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: {},
    ...spec,
  };
}

/** A service as the Swarm holds it. */
export function aLive(change: SpecChange = {}): LiveService {
  const spec = aSpec(change);
  return { id: spec.Name, version: 1, spec, update: null, createdAt: 0, updatedAt: 0 };
}

/** A worker that takes tasks, with two CPUs and 4 GiB. */
export function aNode(change: Partial<LiveNode> = {}): LiveNode {
  return {
    id: "n1",
    hostname: "worker-1",
    role: "worker",
    availability: "active",
    state: "ready",
    labels: {},
    engineLabels: {},
    platform: { os: "linux", architecture: "amd64" },
    nanoCpus: 2e9,
    memoryBytes: 4 * 1024 ** 3,
    ...change,
  };
}

/** A network that the stack makes. */
export function aNetwork(name: string, subnet?: string): NetworkSpec {
  return {
    Name: name,
    Driver: "overlay",
    Labels: { [NAMESPACE]: "shop" },
    Options: null,
    Internal: false,
    Attachable: false,
    IPAM: subnet === undefined ? null : { Driver: "default", Config: [{ Subnet: subnet }] },
  };
}

/** A Swarm of one worker, with nothing on it. */
export function aCluster(change: Partial<LiveCluster> = {}): LiveCluster {
  return {
    services: [],
    networks: [],
    configs: [],
    secrets: [],
    nodes: [aNode()],
    volumes: [],
    ...change,
  };
}

/** A service of the release with what is planned for it. */
export interface Wish {
  readonly spec: ServiceSpec;
  readonly kind?: PlannedService["kind"];
  readonly effect?: PlanOperation["effect"];
}

/** What a preflight finds about some services. */
export function findAbout(
  wishes: readonly Wish[],
  live: Partial<LiveCluster> = {},
  more: {
    readonly plan?: Partial<StackPlan>;
    readonly release?: Partial<ReleaseStack>;
    readonly request?: Partial<PreflightRequest>;
  } = {},
): readonly PreflightFinding[] {
  const services = wishes.map(({ spec }): ReleaseService => {
    const { Image: reference } = spec.TaskTemplate.ContainerSpec;
    const image = { reference, buildKey: null, digest: null, imageId: null, platforms: null };
    return { key: keyOf(spec), spec, image, dependsOn: [] };
  });
  const planned = wishes.map(({ spec, kind = "create" }): PlannedService => ({
    kind,
    key: keyOf(spec),
    spec,
    live: null,
    dependsOn: [],
  }));
  const operations = wishes.map(({ spec, effect = "start" }): PlanOperation => {
    const target = `service ${spec.Name}`;
    return { kind: "create", target, reason: "", effect, changes: [], risks: [] };
  });
  return preflight({
    plan: { networks: [], files: [], services: planned, removals: [], operations, ...more.plan },
    release: {
      services,
      networks: [],
      configs: [],
      secrets: [],
      external: { networks: [], configs: [], secrets: [] },
      ...more.release,
    },
    live: aCluster(live),
    stackName: "shop",
    owner: OWNER,
    isBound: false,
    images: {},
    ...more.request,
  });
}

function keyOf({ Name: name }: ServiceSpec): string {
  return name.replace(/^shop_/, "");
}

/** Findings in short: level, code and key. */
export function inShort(findings: readonly PreflightFinding[]): string[] {
  return findings.map(({ level, code, key }) => `${level} ${code} ${key}`.trim());
}

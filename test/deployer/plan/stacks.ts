import { planStack } from "../../../src/deployer/plan/plan-stack.ts";
import type { StackPlan } from "../../../src/deployer/plan/stack-plan.ts";
import type { LiveCluster, LiveFile, LiveNode, LiveService } from "../../../src/deployer/ports.ts";
import type { ReleaseFile, ReleaseService, ReleaseStack } from "../../../src/release.ts";
import { contentKeyOf } from "../../../src/stack/content-key.ts";
import type {
  ContainerSpec,
  NetworkSpec,
  PortConfig,
  ServiceMode,
  ServiceSpec,
  TaskSpec,
} from "../../../src/swarm-objects.ts";

export const STACK = "shop";
export const SERVER_KEY = new Uint8Array([1, 2, 3]);
const NAMESPACE = { "com.docker.stack.namespace": STACK };

/** What a test says of a spec; the rest is what every service has. */
export interface SpecChanges {
  readonly container?: Partial<ContainerSpec> & Readonly<Record<string, unknown>>;
  readonly task?: Partial<TaskSpec>;
  readonly mode?: ServiceMode;
  readonly ports?: readonly PortConfig[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly update?: NonNullable<ServiceSpec["UpdateConfig"]>;
}

/** The spec of `shop_<key>` as the converter makes it. */
export function aSpec(key: string, changes: SpecChanges = {}): ServiceSpec {
  const { container, task, mode, ports, labels, update } = changes;
  return {
    Name: `${STACK}_${key}`,
    Labels: { ...NAMESPACE, ...labels },
    TaskTemplate: {
      ContainerSpec: {
        Image: "registry.example.com/app:1",
        Labels: NAMESPACE,
        Privileges: { CredentialSpec: null, SELinuxContext: null },
        ...container,
      },
      Resources: {},
      Placement: {},
      Networks: [{ Target: `${STACK}_default`, Aliases: [key] }],
      ForceUpdate: 0,
      ...task,
    },
    Mode: mode ?? { Replicated: { Replicas: 1 } },
    UpdateConfig: update ?? {
      Parallelism: 1,
      FailureAction: "rollback",
      MaxFailureRatio: 0,
      Order: "start-first",
    },
    EndpointSpec: ports === undefined ? {} : { Ports: ports },
  };
}

/** A service of a release, its image built here. */
export function aService(
  key: string,
  changes: SpecChanges & { readonly needs?: readonly string[] } = {},
): ReleaseService {
  const spec = aSpec(key, changes);
  return {
    key,
    spec,
    image: {
      reference: spec.TaskTemplate.ContainerSpec.Image,
      buildKey: "key",
      digest: null,
      imageId: null,
      platforms: null,
    },
    dependsOn: (changes.needs ?? []).map((each) => ({ key: each, condition: "service_started" })),
  };
}

/** A service as the Swarm holds it. */
export function aLiveService(spec: ServiceSpec, changes: Partial<LiveService> = {}): LiveService {
  return {
    id: spec.Name,
    version: 1,
    spec,
    update: null,
    createdAt: 0,
    updatedAt: 0,
    ...changes,
  };
}

/** A config or secret of a release. */
export function aFile(key: string, text: string, changes: Partial<ReleaseFile> = {}): ReleaseFile {
  const cliName = changes.cliName ?? `${STACK}_${key}`;
  return {
    key,
    cliName,
    contentKey: keyOf(text),
    path: `deploy/${key}`,
    bytes: text.length,
    spec: { Name: cliName, Labels: NAMESPACE },
    ...changes,
  };
}

/** What a text is told by. */
export function keyOf(text: string): string {
  const data = Buffer.from(text);
  return contentKeyOf(SERVER_KEY, { data, templating: null, driver: null });
}

/** A config with this text, or a secret when that is null. */
export function aLiveFile(
  name: string,
  text: string | null,
  changes: Partial<LiveFile> = {},
): LiveFile {
  const data = text === null ? null : Buffer.from(text);
  return { id: name, version: 1, name, labels: NAMESPACE, data, templating: null, ...changes };
}

/** A network of a release. */
export function aNetwork(key: string, changes: Partial<NetworkSpec> = {}): NetworkSpec {
  return {
    Name: `${STACK}_${key}`,
    Driver: "overlay",
    Labels: NAMESPACE,
    Options: null,
    Internal: false,
    Attachable: false,
    IPAM: null,
    ...changes,
  };
}

/** A node that may run tasks. */
export function aNode(changes: Partial<LiveNode> = {}): LiveNode {
  return {
    id: "node1",
    hostname: "node1",
    role: "manager",
    availability: "active",
    state: "ready",
    labels: {},
    engineLabels: {},
    platform: { os: "linux", architecture: "amd64" },
    nanoCpus: 1e9,
    memoryBytes: 1e9,
    ...changes,
  };
}

/** A release of these parts. */
export function aRelease(parts: Partial<ReleaseStack>): ReleaseStack {
  return {
    services: [],
    networks: [],
    configs: [],
    secrets: [],
    external: { networks: [], configs: [], secrets: [] },
    ...parts,
  };
}

/** A Swarm of these parts. */
export function aCluster(parts: Partial<LiveCluster> = {}): LiveCluster {
  return {
    services: [],
    networks: [],
    configs: [],
    secrets: [],
    nodes: [aNode()],
    volumes: [],
    ...parts,
  };
}

/** The plan for deployment `dep_new`. */
export function plan(
  release: Partial<ReleaseStack>,
  live: Partial<LiveCluster> = {},
  stackName = STACK,
): StackPlan {
  return planStack({
    stackName,
    owner: "1/shop/production",
    deploymentId: "dep_new",
    releaseId: "rel_new",
    release: aRelease(release),
    live: aCluster(live),
    serverKey: SERVER_KEY,
  });
}

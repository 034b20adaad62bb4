import type { ServiceDefinition } from "../../release.ts";
import type { ContainerSpec, PortConfig, ServiceSpec, TaskSpec } from "../../swarm-objects.ts";
import { resolveRollbackConfig, resolveUpdateConfig, toNanoseconds } from "./defaults.ts";
import { normaliseImage } from "./image.ts";
import { SKEP_LABELS, STACK_LABELS } from "../../swarm-objects.ts";

/** What one service of a stack is made of. */
export interface ServiceInput {
  readonly stackName: string;
  /** The service's key in the stack; the Swarm knows it as `<stack>_<service>`. */
  readonly serviceName: string;
  readonly definition: ServiceDefinition;
  /** The image to run: the built one, or the reference of the definition. */
  readonly image: string;
  readonly deploymentId: string;
  readonly releaseId: string;
  /** Further labels of the service, such as whose it is. */
  readonly extraLabels: Readonly<Record<string, string>>;
  /** The network of a service that names none; null for none at all. */
  readonly defaultNetwork: string | null;
}

/**
 * The spec that `docker stack deploy` would send for the same Compose service, with Skep's update settings where the
 * file leaves them open and with Skep's labels. Equal input gives an equal spec, whatever the order of its maps.
 */
export function buildServiceSpec(input: ServiceInput): ServiceSpec {
  const { definition, stackName } = input;
  return {
    Name: `${stackName}_${input.serviceName}`,
    Labels: {
      ...definition.deploy.labels,
      [STACK_LABELS.namespace]: stackName,
      [STACK_LABELS.image]: input.image,
      ...input.extraLabels,
      [SKEP_LABELS.deployment]: input.deploymentId,
      [SKEP_LABELS.release]: input.releaseId,
    },
    TaskTemplate: buildTaskSpec(input),
    Mode: { Replicated: { Replicas: definition.deploy.replicas } },
    UpdateConfig: resolveUpdateConfig(definition),
    RollbackConfig: resolveRollbackConfig(definition),
    EndpointSpec: buildEndpointSpec(definition.ports),
  };
}

function buildTaskSpec(input: ServiceInput): TaskSpec {
  const { deploy } = input.definition;
  const networks = buildNetworks(input);
  const { constraints } = deploy.placement;
  return {
    ContainerSpec: buildContainerSpec(input),
    Resources: {
      ...buildResources("Limits", deploy.resources.limits),
      ...buildResources("Reservations", deploy.resources.reservations),
    },
    ...(deploy.restartPolicy && { RestartPolicy: buildRestartPolicy(deploy.restartPolicy) }),
    Placement: { ...(constraints.length > 0 && { Constraints: constraints }) },
    ...(networks.length > 0 && { Networks: networks }),
    ForceUpdate: 0,
  };
}

function buildContainerSpec({ definition, image, stackName }: ServiceInput): ContainerSpec {
  const { command, entrypoint, healthcheck, user, workingDir, init } = definition;
  const env = Object.entries(definition.environment)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted(compareBytes);
  return {
    Image: normaliseImage(image),
    Labels: { ...definition.labels, [STACK_LABELS.namespace]: stackName },
    ...(entrypoint && entrypoint.length > 0 && { Command: entrypoint }),
    ...(command && command.length > 0 && { Args: command }),
    ...(env.length > 0 && { Env: env }),
    ...(user && { User: user }),
    ...(workingDir && { Dir: workingDir }),
    ...(init !== null && { Init: init }),
    ...(definition.stopGracePeriodMs !== null && {
      StopGracePeriod: toNanoseconds(definition.stopGracePeriodMs),
    }),
    ...(healthcheck && { Healthcheck: buildHealthcheck(healthcheck) }),
    Privileges: { CredentialSpec: null, SELinuxContext: null },
  };
}

function buildHealthcheck(
  check: NonNullable<ServiceDefinition["healthcheck"]>,
): NonNullable<ContainerSpec["Healthcheck"]> {
  return {
    ...(check.test.length > 0 && { Test: check.test }),
    ...(check.intervalMs && { Interval: toNanoseconds(check.intervalMs) }),
    ...(check.timeoutMs && { Timeout: toNanoseconds(check.timeoutMs) }),
    ...(check.retries && { Retries: check.retries }),
    ...(check.startPeriodMs && { StartPeriod: toNanoseconds(check.startPeriodMs) }),
  };
}

function buildResources(
  key: "Limits" | "Reservations",
  given: ServiceDefinition["deploy"]["resources"]["limits"],
): TaskSpec["Resources"] {
  if (given.nanoCpus === null && given.memoryBytes === null) return {};
  return {
    [key]: {
      ...(given.nanoCpus && { NanoCPUs: given.nanoCpus }),
      ...(given.memoryBytes && { MemoryBytes: given.memoryBytes }),
    },
  };
}

function buildRestartPolicy(
  policy: NonNullable<ServiceDefinition["deploy"]["restartPolicy"]>,
): NonNullable<TaskSpec["RestartPolicy"]> {
  return {
    Condition: policy.condition,
    ...(policy.delayMs !== null && { Delay: toNanoseconds(policy.delayMs) }),
    ...(policy.maxAttempts !== null && { MaxAttempts: policy.maxAttempts }),
    ...(policy.windowMs !== null && { Window: toNanoseconds(policy.windowMs) }),
  };
}

function buildNetworks({
  definition,
  serviceName,
  defaultNetwork,
}: ServiceInput): NonNullable<TaskSpec["Networks"]> {
  const fallback = defaultNetwork === null ? [] : [defaultNetwork];
  const names = definition.networks.length > 0 ? definition.networks : fallback;
  return [...new Set(names)]
    .toSorted(compareBytes)
    .map((name) => ({ Target: name, Aliases: [serviceName] }));
}

function buildEndpointSpec(ports: ServiceDefinition["ports"]): ServiceSpec["EndpointSpec"] {
  if (ports.length === 0) return {};
  return { Ports: ports.map(buildPort).toSorted(comparePorts) };
}

function buildPort(port: ServiceDefinition["ports"][number]): PortConfig {
  return {
    Protocol: port.protocol,
    TargetPort: port.target,
    ...(port.published !== null && { PublishedPort: port.published }),
    PublishMode: port.mode,
  };
}

function comparePorts(a: PortConfig, b: PortConfig): number {
  return (
    (a.PublishedPort ?? 0) - (b.PublishedPort ?? 0) ||
    a.TargetPort - b.TargetPort ||
    compareBytes(a.Protocol, b.Protocol)
  );
}

/** The order of Go's `sort.Strings`: by UTF-8 bytes, unlike JavaScript's. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

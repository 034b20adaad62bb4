import type { LiveTask, Swarm } from "../../src/deployer/ports.ts";
import { SkepError } from "../../src/errors.ts";
import type {
  ContainerSpec,
  FileReference,
  FileSpec,
  NetworkSpec,
  ServiceSpec,
  UpdateConfig,
} from "../../src/swarm-objects.ts";

/**
 * What a container of the contract does. `prints` says "first" and "second" and goes on; the polite one ends with 0
 * when it is told to stop, as servers do; `stops_slowly` only when it is killed.
 */
export type Behaviour =
  | "runs"
  | "prints"
  | "completes"
  | "exits_3"
  | "stops_slowly"
  | "unhealthy"
  | "unhealthy_polite"
  | "no_image";

/** A Swarm to hold against the contract. */
export interface SwarmUnderTest {
  readonly swarm: Swarm;
  /** Beginning of the names of all that is made, so that others on the same Swarm are left alone. */
  readonly prefix: string;
  /** An overlay network that is there. */
  readonly network: string;
  container(behaviour: Behaviour): Partial<ContainerSpec> & Pick<ContainerSpec, "Image">;
  /** Lets the Swarm's time pass until the condition holds; rejects, naming it, when it never does. */
  until(condition: string, holds: () => Promise<boolean>): Promise<void>;
  cleanUp(): Promise<void>;
}

/** In nanoseconds, as the API counts. */
export const SECOND = 1e9;

/** Updates as Skep makes them, but quick. */
export const ROLLING: UpdateConfig = {
  Parallelism: 1,
  FailureAction: "rollback",
  Monitor: SECOND,
  MaxFailureRatio: 0,
  Order: "start-first",
};

/** The label by which a stack has what belongs to it. */
const STACK = "com.docker.stack.namespace";

/** A service that is there without a task. */
export const IDLE = { Mode: { Replicated: { Replicas: 0 } } };

/** What is made from the names of one Swarm. */
export type Specs = ReturnType<typeof createSpecs>;

/** Builds the specs of services, networks, configs and secrets for one Swarm. */
export function createSpecs(test: SwarmUnderTest) {
  const nameOf = (part: string): string => `${test.prefix}_${part}`;

  function template(behaviour: Behaviour, container: Partial<ContainerSpec> = {}) {
    return {
      ContainerSpec: {
        Labels: {},
        StopGracePeriod: 2 * SECOND,
        Privileges: { CredentialSpec: null, SELinuxContext: null },
        ...test.container(behaviour),
        ...container,
      },
      Resources: {},
      RestartPolicy: { Condition: "any", Delay: 60 * SECOND, MaxAttempts: 0 },
      Placement: {},
      ForceUpdate: 0,
    } satisfies ServiceSpec["TaskTemplate"];
  }

  function spec(part: string, behaviour: Behaviour, changes: Partial<ServiceSpec> = {}) {
    return {
      Name: nameOf(part),
      Labels: { "skep.test": "contract" },
      TaskTemplate: template(behaviour),
      Mode: { Replicated: { Replicas: 1 } },
      UpdateConfig: ROLLING,
      RollbackConfig: ROLLING,
      EndpointSpec: {},
      ...changes,
    } satisfies ServiceSpec;
  }

  const labels = (stack = "stack"): Record<string, string> => ({ [STACK]: nameOf(stack) });
  function networkOf(part: string, changes: Partial<NetworkSpec> = {}): NetworkSpec {
    return {
      Name: nameOf(part),
      Driver: "overlay",
      Labels: labels(),
      Options: null,
      Internal: false,
      Attachable: false,
      IPAM: null,
      ...changes,
    };
  }
  const onSubnet = (Subnet: string) => ({ IPAM: { Driver: "", Config: [{ Subnet }] } });
  function fileOf(part: string, text: string, changes: Partial<FileSpec> = {}): FileSpec {
    const Data = Buffer.from(text).toString("base64");
    return { Name: nameOf(part), Labels: labels(), Data, ...changes };
  }
  const target = (Name: string) => ({ Name, UID: "0", GID: "0", Mode: 0o444 });
  const config = (part: string, path: string): FileReference => ({
    File: target(path),
    ConfigName: nameOf(part),
  });
  const secret = (part: string, path: string): FileReference => ({
    File: target(path),
    SecretName: nameOf(part),
  });

  return { nameOf, spec, template, labels, networkOf, onSubnet, fileOf, config, secret };
}

/** The code of the error that a call ends with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof SkepError)) throw error;
  return `${error.code}${error.retryable ? " (retryable)" : ""}`;
}

/** Waits until the current tasks of a service are in these states; returns all its tasks. */
export async function untilTasks(
  test: SwarmUnderTest,
  serviceName: string,
  states: readonly string[],
): Promise<readonly LiveTask[]> {
  const wanted = states.toSorted().join();
  await test.until(`${serviceName} is ${wanted}`, async () => {
    const tasks = (await test.swarm.tasks(serviceName)).filter((task) => task.isCurrent);
    const reached = tasks.map(({ state }) => state);
    return reached.toSorted().join() === wanted;
  });
  return await test.swarm.tasks(serviceName);
}

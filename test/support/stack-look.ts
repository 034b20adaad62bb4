import { z } from "zod";
import { sharedDocker } from "./engine.ts";
import { waitUntil } from "./wait-until.ts";

const reference = z.object({ ConfigName: z.string(), ConfigID: z.string() });

const seenService = z.object({
  ID: z.string(),
  CreatedAt: z.string(),
  Version: z.object({ Index: z.number() }),
  Spec: z.object({
    Name: z.string(),
    Labels: z.record(z.string(), z.string()),
    TaskTemplate: z.object({
      ContainerSpec: z.object({
        Image: z.string(),
        Env: z.array(z.string()).default([]),
        Configs: z.array(reference).default([]),
      }),
    }),
  }),
  PreviousSpec: z.object({ Labels: z.record(z.string(), z.string()) }).optional(),
});

const seenTask = z.object({
  ID: z.string(),
  ServiceID: z.string(),
  CreatedAt: z.string(),
  DesiredState: z.string(),
  Spec: z.object({
    ContainerSpec: z.object({ Image: z.string(), Env: z.array(z.string()).default([]) }),
  }),
  Status: z.object({ State: z.string(), Timestamp: z.string() }),
});

/** A service and its tasks as the engine tells them; times are milliseconds since the epoch. */
export interface SeenService {
  readonly id: string;
  /** Grows with each write of the service, by whomever. */
  readonly version: number;
  readonly createdAt: number;
  readonly image: string;
  readonly env: readonly string[];
  /** Names of its configs. */
  readonly configs: readonly string[];
  /** The deployment that changed it last, and the one before that as long as Swarm can go back to it. */
  readonly deployment: string | null;
  readonly previousDeployment: string | null;
  readonly tasks: readonly SeenTask[];
}

/** One task, over or not. */
export interface SeenTask {
  readonly id: string;
  readonly state: string;
  readonly isWanted: boolean;
  readonly env: readonly string[];
  readonly createdAt: number;
  /** Since when it is in its state. */
  readonly since: number;
}

/** The services of a stack, by their keys, past the code under test. */
export async function lookAtStack(stack: string): Promise<Readonly<Record<string, SeenService>>> {
  const docker = sharedDocker();
  const filters = { label: [`com.docker.stack.namespace=${stack}`] };
  const [services, tasks] = await Promise.all([
    docker.listServices({ filters }),
    docker.listTasks({ filters }),
  ]);
  const allTasks = z.array(seenTask).parse(tasks);
  return Object.fromEntries(
    z
      .array(seenService)
      .parse(services)
      .map((service) => {
        const own = allTasks.filter(({ ServiceID }) => ServiceID === service.ID);
        return [service.Spec.Name.slice(stack.length + 1), toSeen(service, own)];
      }),
  );
}

function toSeen(
  service: z.infer<typeof seenService>,
  tasks: readonly z.infer<typeof seenTask>[],
): SeenService {
  const { Image, Env, Configs } = service.Spec.TaskTemplate.ContainerSpec;
  return {
    id: service.ID,
    version: service.Version.Index,
    createdAt: Date.parse(service.CreatedAt),
    image: Image,
    env: Env,
    configs: Configs.map(({ ConfigName }) => ConfigName),
    deployment: service.Spec.Labels["skep.deployment"] ?? null,
    previousDeployment: service.PreviousSpec?.Labels["skep.deployment"] ?? null,
    tasks: tasks
      .map(({ ID, CreatedAt, DesiredState, Spec, Status }) => ({
        id: ID,
        state: Status.State,
        isWanted: DesiredState === "running" || Status.State === "complete",
        env: Spec.ContainerSpec.Env,
        createdAt: Date.parse(CreatedAt),
        since: Date.parse(Status.Timestamp),
      }))
      .toSorted((one, other) => one.createdAt - other.createdAt),
  };
}

/** What may not differ of a service that a deployment leaves alone: nothing was written, and no task restarted. */
export function identityOf(service: SeenService | undefined): unknown {
  if (service === undefined) return null;
  const { id, version, tasks } = service;
  return { id, version, tasks: tasks.filter(({ isWanted }) => isWanted).map((task) => task.id) };
}

/** The same of all services of a stack. */
export function identitiesOf(
  services: Readonly<Record<string, SeenService>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(services).map(([key, service]) => [key, identityOf(service)]),
  );
}

/** A stack's configs, by name, with their IDs. */
export async function configsOf(stack: string): Promise<ReadonlyMap<string, string>> {
  const filters = { label: [`com.docker.stack.namespace=${stack}`] };
  const all = z
    .array(z.object({ ID: z.string(), Spec: z.object({ Name: z.string() }) }))
    .parse(await sharedDocker().listConfigs({ filters }));
  return new Map(all.map(({ ID, Spec }) => [Spec.Name, ID]));
}

/** Removes a stack and all that it leaves: the engine keeps containers of jobs, configs, networks and volumes. */
export async function removeStack(stack: string): Promise<void> {
  const docker = sharedDocker();
  const filters = { label: [`com.docker.stack.namespace=${stack}`] };
  const services = await docker.listServices({ filters });
  await Promise.all(services.map(({ ID }) => docker.getService(ID).remove()));
  await waitUntil(`no container of ${stack} runs`, async () => {
    const status = ["created", "running"];
    return (await docker.listContainers({ filters: { ...filters, status } })).length === 0;
  });
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const { Volumes } = await docker.listVolumes({ filters });
  await Promise.all(
    [...(await configsOf(stack)).values()].map((id) => docker.getConfig(id).remove()),
  );
  // Swarm may be removing some of them just now.
  await Promise.allSettled([
    ...containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })),
    ...networks.map(({ Id }) => docker.getNetwork(Id).remove()),
  ]);
  await Promise.allSettled(Volumes.map(({ Name }) => docker.getVolume(Name).remove()));
}

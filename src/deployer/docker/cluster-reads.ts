import { z } from "zod";
import { STACK_LABELS } from "../../swarm-objects.ts";
import type { LiveCluster, LiveStack, LiveTask, LiveVolume, Swarm } from "../ports.ts";
import type { DockerClient } from "./client.ts";
import type { ContainerHealth } from "./container-health.ts";
import { readAnswer, refusalError } from "./engine-failure.ts";
import { readList } from "./engine-list.ts";
import { listFiles } from "./file-objects.ts";
import { isAlive, toLiveNetwork } from "./network-answer.ts";
import type { NetworkNames } from "./network-names.ts";
import { nodeAnswer, toLiveNode } from "./node-answer.ts";
import { serviceAnswer } from "./service-answer.ts";
import { nameNetworks } from "./service-reads.ts";
import { readTasks } from "./service-tasks.ts";
import { taskSource } from "./task-answer.ts";
import { toLiveVolumes, volumesAnswer } from "./volume-answer.ts";
import { conflict } from "./write-error.ts";

const ATTEMPTS = 5;

/** What reads of many services share. */
interface ClusterSources {
  readonly client: DockerClient;
  readonly networks: NetworkNames;
  readonly health: ContainerHealth;
}

/** Reads the whole Swarm, or all of one stack. */
export function createClusterReads(sources: ClusterSources): Pick<Swarm, "survey" | "stack"> {
  return {
    survey: async () => await readCluster(sources),
    stack: async (stackName) => await readStack(sources, stackName),
  };
}

async function readCluster({ client, networks }: ClusterSources): Promise<LiveCluster> {
  const [services, networkList, configs, secrets, nodes, volumes] = await Promise.all([
    readList(client, { action: "listing the services", path: "/services", item: serviceAnswer }),
    networks.list(),
    listFiles(client, "config"),
    listFiles(client, "secret"),
    readList(client, { action: "listing the nodes", path: "/nodes", item: nodeAnswer }),
    listVolumes(client),
  ]);
  return {
    services: await nameNetworks(networks, services),
    networks: networkList.filter(isAlive).map(toLiveNetwork),
    configs,
    secrets,
    nodes: nodes.map(toLiveNode),
    volumes,
  };
}

async function listVolumes(client: DockerClient): Promise<readonly LiveVolume[]> {
  const action = "listing the volumes";
  const answer = await client.request({ action, method: "GET", path: "/volumes" });
  if (answer.kind === "refused") throw refusalError(action, answer);
  return toLiveVolumes(readAnswer(volumesAnswer, answer.body, action));
}

/**
 * Tasks are asked for by service, not by the stack's label: a task has the labels that its service had when it was
 * made, and those of a service that only joined the stack later lack it.
 */
async function readStack(
  { client, networks, health }: ClusterSources,
  stackName: string,
): Promise<LiveStack> {
  const action = `reading stack ${stackName}`;
  const filters = { label: [`${STACK_LABELS.namespace}=${stackName}`] };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const bodies = await readList(client, {
      action,
      path: "/services",
      filters,
      item: z.unknown(),
    });
    const sources = readAnswer(z.array(taskSource), bodies, action);
    const byId = await readTasks(client, health, sources, action);
    // A service went away in between.
    if (byId === null) continue;
    const answers = readAnswer(z.array(serviceAnswer), bodies, action);
    const services = await nameNetworks(networks, answers);
    const entries = services.map(({ id, spec }): [string, readonly LiveTask[]] => [
      spec.Name,
      byId.get(id) ?? [],
    ]);
    return { services, tasks: Object.fromEntries(entries) };
  }
  throw conflict(action, "its services keep going away");
}

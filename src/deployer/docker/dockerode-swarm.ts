import { z } from "zod";
import type { Swarm, SwarmInfo } from "../ports.ts";
import type { DockerClient } from "./client.ts";
import { createClusterReads } from "./cluster-reads.ts";
import { createContainerHealth } from "./container-health.ts";
import { notManager, readAnswer, refusalError } from "./engine-failure.ts";
import { createFileObjects } from "./file-objects.ts";
import { createNetworkNames } from "./network-names.ts";
import { createNodeFolders } from "./node-folders.ts";
import { createReleaseMarks } from "./release-mark.ts";
import { createServiceOutput } from "./service-output.ts";
import { readService } from "./service-reads.ts";
import { readServiceTasks } from "./service-tasks.ts";
import { createServiceWrites, type RegistryAuth } from "./service-writes.ts";
import { createSwarmNetworks } from "./swarm-networks.ts";

const infoAnswer = z.object({
  ServerVersion: z.string(),
  Swarm: z.object({
    LocalNodeState: z.string(),
    ControlAvailable: z.boolean(),
    Nodes: z.number().default(0),
  }),
});

/** What a Swarm needs besides its engine. */
interface SwarmOptions {
  /** Sent with each service that is created or updated, so that all nodes can pull its image. Nobody logs in without. */
  readonly registryAuth?: RegistryAuth;
}

/** The Swarm that an engine manages. */
export function createDockerodeSwarm(client: DockerClient, options: SwarmOptions = {}): Swarm {
  const networks = createNetworkNames(client);
  const health = createContainerHealth(client);

  return {
    info: async () => await readInfo(client),
    service: async (name) => await readService(client, networks, name),
    tasks: async (serviceName) => await readServiceTasks(client, health, serviceName),
    healthOutput: async (task) => await health.output(task),
    ...createClusterReads({ client, networks, health }),
    ...createServiceWrites(client, options.registryAuth ?? (() => null)),
    ...createSwarmNetworks(client, networks),
    ...createFileObjects(client),
    ...createServiceOutput(client),
    ...createReleaseMarks(client),
    ...createNodeFolders(client),
  };
}

async function readInfo(client: DockerClient): Promise<SwarmInfo> {
  const action = "reading the state of the Swarm";
  const answer = await client.request({ action, method: "GET", path: "/info" });
  if (answer.kind === "refused") throw refusalError(action, answer);
  const { ServerVersion, Swarm } = readAnswer(infoAnswer, answer.body, action);
  if (Swarm.LocalNodeState === "inactive") throw notManager(action, "the engine is in no Swarm");
  if (Swarm.LocalNodeState !== "active") {
    throw notManager(action, `the engine's Swarm is ${Swarm.LocalNodeState}`);
  }
  if (!Swarm.ControlAvailable) {
    throw notManager(action, "the engine is a worker of its Swarm, not a manager");
  }
  return {
    engineVersion: ServerVersion,
    apiVersion: await client.apiVersion(),
    nodes: Swarm.Nodes,
  };
}

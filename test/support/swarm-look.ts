import Docker from "dockerode";
import { z } from "zod";
import type { ThreeNodes } from "./three-nodes.ts";
import { waitUntil } from "./wait-until.ts";

const seenTask = z.object({
  ServiceID: z.string(),
  NodeID: z.string().default(""),
  DesiredState: z.string(),
  Status: z.object({ State: z.string(), Timestamp: z.string() }),
  Spec: z.object({ ContainerSpec: z.object({ Image: z.string() }) }),
});

/** A task that the Swarm wants to run. */
export interface PlacedTask {
  /** The service's key in its stack. */
  readonly service: string;
  /** The name of its node; empty while it has none. */
  readonly node: string;
  readonly state: string;
  /** Since when it is in its state, in milliseconds since the epoch. */
  readonly since: number;
  readonly image: string;
}

/** The tasks of a stack that the Swarm wants to run, past the code under test. */
export async function lookAtTasks(
  { socketPath, nodes }: ThreeNodes,
  stack: string,
): Promise<readonly PlacedTask[]> {
  const docker = new Docker({ socketPath });
  const filters = { label: [`com.docker.stack.namespace=${stack}`] };
  const [services, tasks] = await Promise.all([
    docker.listServices({ filters }),
    docker.listTasks({ filters }),
  ]);
  const names = new Map(services.map(({ ID, Spec }) => [ID, Spec?.Name ?? ""]));
  return z
    .array(seenTask)
    .parse(tasks)
    .filter(({ DesiredState }) => DesiredState === "running")
    .map(({ ServiceID, NodeID, Status, Spec }) => ({
      service: (names.get(ServiceID) ?? "").slice(stack.length + 1),
      node: nodes.find(({ id }) => id === NodeID)?.hostname ?? "",
      state: Status.State,
      since: Date.parse(Status.Timestamp),
      image: Spec.ContainerSpec.Image,
    }));
}

/** By service, the names of the nodes on which its tasks run, sorted. */
export function placesOf(tasks: readonly PlacedTask[]): Readonly<Record<string, string[]>> {
  const running = tasks.filter(({ state }) => state === "running");
  const services = Map.groupBy(running, ({ service }) => service);
  return Object.fromEntries(
    [...services].map(([key, own]) => [key, own.map(({ node }) => node).toSorted()]),
  );
}

/** Removes a stack's services and waits until none of its containers runs on any node. */
export async function removeFromNodes(swarm: ThreeNodes, stack: string): Promise<void> {
  const docker = new Docker({ socketPath: swarm.socketPath });
  const filters = { label: [`com.docker.stack.namespace=${stack}`] };
  const services = await docker.listServices({ filters });
  await Promise.all(services.map(({ ID }) => docker.getService(ID).remove()));
  // Their tasks may stay for longer: Swarm keeps those of a node that was away until it hears of each.
  await waitUntil(`no container of ${stack} runs`, async () => {
    const running = await Promise.all(
      swarm.nodes.map((node) => node.docker.listContainers({ filters })),
    );
    return running.flat().length === 0;
  });
}

import { z } from "zod";
import { STACK_LABELS, type NetworkSpec } from "../../swarm-objects.ts";
import type { Swarm } from "../ports.ts";
import type { DockerClient } from "./client.ts";
import { readAnswer, refusalError } from "./engine-failure.ts";
import { readList } from "./engine-list.ts";
import { isAlive, type NetworkAnswer, networkAnswer, subnetsOf } from "./network-answer.ts";
import type { NetworkNames } from "./network-names.ts";
import { doOverlap } from "./subnets.ts";
import { rejected, subnetTaken, writeError } from "./write-error.ts";

/** How long a network of the same name may take to go. */
const REMOVAL_LIMIT_MS = 30_000;
const REMOVAL_STEP_MS = 500;
/** How long the Swarm may take to give a network its addresses; it needs milliseconds. */
const ADDRESSES_LIMIT_MS = 10_000;
const ADDRESSES_STEP_MS = 50;

const createdAnswer = z.object({ Id: z.string() });

/** Creates and removes networks of the Swarm. */
export function createSwarmNetworks(
  client: DockerClient,
  names: NetworkNames,
): Pick<Swarm, "createNetwork" | "removeNetwork"> {
  return {
    createNetwork: async (spec) => {
      const action = `creating network ${spec.Name}`;
      checkSubnets(spec, await listIfNeeded(spec, names), action);
      const id = await create(client, spec, action);
      names.learn({ Id: id, Name: spec.Name });
      await awaitAddresses(client, id, action);
    },
    removeNetwork: async (name) => {
      const action = `removing network ${name}`;
      const found = await findNetworks(client, name, action);
      for (const network of found.filter((each) => each.Scope === "swarm" && isAlive(each))) {
        await remove(client, network.Id, action);
      }
    },
  };
}

async function listIfNeeded(
  { IPAM }: NetworkSpec,
  names: NetworkNames,
): Promise<readonly NetworkAnswer[]> {
  return IPAM?.Config?.some(({ Subnet }) => Subnet) ? await names.list() : [];
}

/** The Swarm takes a network whose subnet another one has, and then never runs a task on it. */
function checkSubnets(spec: NetworkSpec, there: readonly NetworkAnswer[], action: string): void {
  for (const { Subnet } of spec.IPAM?.Config ?? []) {
    const rival = there
      .filter((each) => each.Name !== spec.Name && isAlive(each))
      .find((each) => subnetsOf(each).some((theirs) => Subnet && doOverlap(Subnet, theirs)));
    if (rival) throw subnetTaken(action, `subnet ${Subnet} overlaps that of ${rival.Name}`);
  }
}

/** Makes the network, unless the stack has it already; returns its ID. */
async function create(client: DockerClient, spec: NetworkSpec, action: string): Promise<string> {
  const body = { ...spec, CheckDuplicate: true };
  const end = client.clock.now() + REMOVAL_LIMIT_MS;
  for (;;) {
    const answer = await client.request({ action, method: "POST", path: "/networks/create", body });
    if (answer.kind === "ok") return readAnswer(createdAnswer, answer.body, action).Id;
    if (answer.status !== 409) {
      // 404: there is no such driver.
      throw answer.status === 404 ? rejected(action, answer.message) : writeError(action, answer);
    }
    const found = await findNetworks(client, spec.Name, action);
    const alive = found.find((each) => each.Scope !== "swarm" || isAlive(each));
    if (alive && isOfSameStack(alive, spec)) return alive.Id;
    // Otherwise it is just being removed; by the time of the list it may be gone.
    if (alive || client.clock.now() >= end) throw rejected(action, answer.message);
    await client.clock.sleep(REMOVAL_STEP_MS);
  }
}

function isOfSameStack(network: NetworkAnswer, spec: NetworkSpec): boolean {
  const stack = spec.Labels[STACK_LABELS.namespace];
  return stack !== undefined && network.Labels[STACK_LABELS.namespace] === stack;
}

/** Until then the engine tells no driver. What never gets addresses is removed: its tasks would wait for ever. */
async function awaitAddresses(client: DockerClient, id: string, action: string): Promise<void> {
  const end = client.clock.now() + ADDRESSES_LIMIT_MS;
  for (;;) {
    const answer = await client.request({
      action,
      method: "GET",
      path: `/networks/${encodeURIComponent(id)}`,
    });
    if (answer.kind === "refused") throw writeError(action, answer);
    if (readAnswer(networkAnswer, answer.body, action).Driver !== "") return;
    if (client.clock.now() >= end) break;
    await client.clock.sleep(ADDRESSES_STEP_MS);
  }
  await remove(client, id, action);
  throw subnetTaken(action, "the Swarm finds no addresses for it");
}

/** Leaves it where something uses it. */
async function remove(client: DockerClient, id: string, action: string): Promise<void> {
  const path = `/networks/${encodeURIComponent(id)}`;
  const answer = await client.request({ action, method: "DELETE", path });
  if (answer.kind === "ok" || answer.status === 404) return;
  // The engine says so with 400, 403 and 500.
  if (/ is in use |active endpoints|not found/iu.test(answer.message)) return;
  throw refusalError(action, answer);
}

/** The networks of exactly this name, local ones too. */
async function findNetworks(
  client: DockerClient,
  name: string,
  action: string,
): Promise<readonly NetworkAnswer[]> {
  // The engine's filter also finds longer names.
  const filters = { name: [name] };
  const found = await readList(client, { action, path: "/networks", filters, item: networkAnswer });
  return found.filter(({ Name }) => Name === name);
}

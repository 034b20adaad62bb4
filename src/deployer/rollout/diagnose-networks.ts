import type { ServiceSpec } from "../../swarm-objects.ts";
import type { Finding, Symptoms, WordRule } from "./diagnose-finding.ts";

const ADDRESSES =
  "Give the network a larger subnet (ipam.config.subnet; it has to be made anew), or run fewer tasks on it.";

/** Networks that a task cannot join. */
export const NETWORK_RULES: readonly WordRule[] = [
  {
    code: "network_not_found",
    words: /network (\S+) not found|could not find (?:the )?(?:corresponding )?network (\S+)/iu,
    summary: (match) => `network ${match[1] ?? match[2]} does not exist on the Swarm`,
    nextStep: (match) =>
      `Create it (docker network create -d overlay ${match[1] ?? match[2]}), or name another one.`,
  },
  {
    code: "task_rejected",
    words:
      /could not find an available IP|no available (?:IPv4 )?addresses|address pools have been fully subnetted|non-overlapping IPv4 address pool|failed to allocate (?:network IP|gateway)/iu,
    summary: (_, { service }) => `a network of the task has no address free${networksOf(service)}`,
    nextStep: () => ADDRESSES,
  },
  {
    code: "task_rejected",
    words:
      /attaching to network failed|subnet sandbox join failed|error creating vxlan interface/iu,
    summary: (_, { service, words }) =>
      `the node could not join the task's network${networksOf(service)}: ${words}`,
    nextStep: () =>
      "Check that ports 7946 (TCP, UDP) and 4789 (UDP) are open between the nodes and that subnets do not overlap; restarting Docker on the node clears what is left over.",
  },
];

/** A task that the Swarm leaves without addresses, about which it says nothing (seen on engine 20.10). */
export function unallocated({ task, words, service }: Symptoms): Finding | null {
  if (task?.state !== "new" || (words !== "" && words !== "created")) return null;
  return {
    code: "rollout_timeout",
    summary: `the Swarm gives the task no address, and no reason: most likely a network is full${networksOf(service)}`,
    nextStep: ADDRESSES,
    shows: "lines",
  };
}

function networksOf({ TaskTemplate }: ServiceSpec): string {
  const names = (TaskTemplate.Networks ?? []).map(({ Target }) => Target);
  return names.length > 0 ? ` (${names.join(", ")})` : "";
}

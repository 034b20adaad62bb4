import type { ErrorCode } from "../../errors.ts";
import type { LiveNode } from "../ports.ts";
import { memoryText } from "../../memory-text.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import type { Finding, Symptoms } from "./diagnose-finding.ts";
import { hostPortsOf, portHolderOf } from "./diagnose-ports.ts";

/** One of the scheduler's reasons (moby's `manager/scheduler/filter.go`); `nodes` is its count of nodes, in words. */
interface Reason {
  readonly code: ErrorCode;
  readonly words: RegExp;
  /** The sentence, when it is the only reason. */
  readonly alone: (nodes: string, symptoms: Symptoms) => string;
  /** The part of a sentence, when there are several. */
  readonly among: (nodes: string, symptoms: Symptoms) => string;
  readonly nextStep: string;
}

const REASONS: readonly Reason[] = [
  {
    code: "no_suitable_node",
    words: /scheduling constraints not satisfied on (\d+ nodes?)/iu,
    alone: (nodes, { service }) =>
      `no node meets the placement constraints (${constraintsOf(service)}): not satisfied on ${nodes}`,
    among: (nodes, { service }) =>
      `the placement constraints (${constraintsOf(service)}) are not satisfied on ${nodes}`,
    nextStep:
      "Change deploy.placement.constraints, or give a node the label or role that they ask for (docker node update).",
  },
  {
    code: "port_in_use",
    words: /host-mode port already in use on (\d+ nodes?)/iu,
    alone: (nodes, symptoms) =>
      `host port ${hostPortsOf(symptoms.service)} is taken by ${portHolderOf(symptoms)} on ${nodes}`,
    among: (nodes, symptoms) =>
      `host port ${hostPortsOf(symptoms.service)} is taken by ${portHolderOf(symptoms)} on ${nodes}`,
    nextStep:
      "Publish another port, remove the service that holds it, or run no more replicas than there are nodes.",
  },
  {
    code: "no_suitable_node",
    words: /insufficient resources on (\d+ nodes?)/iu,
    alone: (nodes, { service }) =>
      `no node has the reserved ${reservedOf(service)} free: too little on ${nodes}`,
    among: (nodes, { service }) => `too little of the reserved ${reservedOf(service)} on ${nodes}`,
    nextStep: "Lower deploy.resources.reservations, or free or add a node.",
  },
  {
    code: "no_suitable_node",
    words: /unsupported platform on (\d+ nodes?)/iu,
    alone: (nodes) => `the image is made for another platform than that of ${nodes}`,
    among: (nodes) => `the image is made for another platform than that of ${nodes}`,
    nextStep: "Build the image for the nodes' platform, or add a node of the image's platform.",
  },
  {
    code: "no_suitable_node",
    words: /missing plugin on (\d+ nodes?)/iu,
    alone: (nodes, { service }) =>
      `no node has the plugin that the service needs (${pluginsOf(service)}): missing on ${nodes}`,
    among: (nodes, { service }) => `a plugin (${pluginsOf(service)}) is missing on ${nodes}`,
    nextStep:
      "Install the volume, network or log driver on the nodes (docker plugin install), or name another one.",
  },
  {
    code: "no_suitable_node",
    words: /max replicas per node limit exceed/iu,
    alone: (_, { service }) =>
      `every node runs the ${mostOf(service)} that deploy.placement.max_replicas_per_node allows`,
    among: (_, { service }) =>
      `max_replicas_per_node allows no more than ${mostOf(service)} on a node`,
    nextStep:
      "Raise max_replicas_per_node, lower replicas, add a node, or use update_config.order: stop-first.",
  },
  {
    code: "no_suitable_node",
    words: /cannot fulfill requested volumes on (\d+ nodes?)/iu,
    alone: (nodes) => `no node can reach the cluster volumes: not available on ${nodes}`,
    among: (nodes) => `the cluster volumes are not available on ${nodes}`,
    nextStep: "See docker volume ls --cluster, and make the volumes available to the nodes.",
  },
];

/** A Swarm may have hundreds of nodes. */
const MOST_NAMED = 5;
const BRING_BACK =
  "Bring the nodes back that are not available (docker node ls), then press Retry.";
const UNAVAILABLE = "See docker node ls for drained or missing nodes, then press Retry.";

/** Why the scheduler places a task nowhere: all of its reasons, each with its count of nodes. */
export function schedulingFinding(symptoms: Symptoms): Finding | null {
  const { words } = symptoms;
  const found = REASONS.flatMap((reason) => {
    const match = reason.words.exec(words);
    return match === null ? [] : [{ reason, nodes: match[1] ?? "", at: match.index }];
  }).toSorted((one, other) => one.at - other.at);
  const [first] = found;
  const [, listed] = /no suitable node(?: \((.+)\))?/iu.exec(words) ?? [];
  const unavailable = /\d+ nodes? not available for new tasks/iu.exec(words)?.[0];
  const names = namesOfAway(symptoms.nodes);
  const away = unavailable && `${unavailable}${names}`;
  if (first === undefined) {
    if (!/no suitable node/iu.test(words)) return null;
    const reason = away ?? listed ?? "the Swarm names no reason";
    const summary = `no node takes the task: ${reason}`;
    return { code: "no_suitable_node", summary, nextStep: UNAVAILABLE, shows: "lines" };
  }
  const { code, alone, nextStep } = first.reason;
  if (found.length === 1 && away === undefined) {
    return { code, summary: alone(first.nodes, symptoms), nextStep, shows: "lines" };
  }
  const parts = found.map(({ reason, nodes }) => reason.among(nodes, symptoms));
  // The other nodes would have been known to be unfit before anything was sent.
  const all = names === "" ? [...parts, away] : [away, ...parts];
  return {
    code: "no_suitable_node",
    summary: `no node takes the task: ${all.filter((part) => part !== undefined).join("; ")}`,
    nextStep: away ? `${BRING_BACK} Otherwise: ${nextStep}` : nextStep,
    shows: "lines",
  };
}

/** In brackets, the nodes that take no tasks and why; nothing while none is known. */
function namesOfAway(nodes: readonly LiveNode[]): string {
  const away = nodes.flatMap(({ hostname, state, availability }) => {
    if (state !== "ready") return [`${hostname} is ${state}`];
    if (availability === "active") return [];
    return [`${hostname} is ${availability === "drain" ? "drained" : "paused"}`];
  });
  const more = away.length > MOST_NAMED ? [`and ${away.length - MOST_NAMED} more`] : [];
  return away.length === 0 ? "" : ` (${[...away.slice(0, MOST_NAMED), ...more].join(", ")})`;
}

function constraintsOf(service: ServiceSpec): string {
  return (service.TaskTemplate.Placement.Constraints ?? []).join(", ") || "none are set";
}

function reservedOf({ TaskTemplate }: ServiceSpec): string {
  const { NanoCPUs = 0, MemoryBytes = 0 } = TaskTemplate.Resources.Reservations ?? {};
  const parts = [
    ...(NanoCPUs > 0 ? [`${NanoCPUs / 1e9} CPU`] : []),
    ...(MemoryBytes > 0 ? [`${memoryText(MemoryBytes)} of memory`] : []),
  ];
  return parts.join(" and ") || "CPU or memory";
}

function pluginsOf({ TaskTemplate }: ServiceSpec): string {
  const { LogDriver, ContainerSpec } = TaskTemplate;
  const volumes = (ContainerSpec.Mounts ?? []).flatMap(({ VolumeOptions }) => {
    const driver = VolumeOptions?.DriverConfig?.Name;
    return driver && driver !== "local" ? [`volume driver ${driver}`] : [];
  });
  const names = [...(LogDriver?.Name ? [`log driver ${LogDriver.Name}`] : []), ...volumes];
  return names.join(", ") || "a network driver";
}

function mostOf({ TaskTemplate }: ServiceSpec): string {
  const most = TaskTemplate.Placement.MaxReplicas ?? 0;
  return most === 1 ? "1 task" : `${most} tasks`;
}

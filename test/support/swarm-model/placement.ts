import type { ServiceSpec } from "../../../src/swarm-objects.ts";
import { isOver, type ModelTask, type SwarmModel } from "./model.ts";

/** The one node of the model. */
export const NODE = { id: "node1", hostname: "test", role: "manager", labels: {} } as const;

const FACTS: Readonly<Record<string, string>> = {
  "node.id": NODE.id,
  "node.hostname": NODE.hostname,
  "node.role": NODE.role,
};

/** Why the scheduler finds no node for a task of this spec, in its words; null when it does. */
export function whyNoNode(model: SwarmModel, spec: ServiceSpec): string | null {
  const { does } = model.scriptOf(spec);
  if (does.kind === "no_node") return `no suitable node (${does.reason})`;
  if (!isEligible(spec)) {
    return "no suitable node (scheduling constraints not satisfied on 1 node)";
  }
  if (hostPorts(spec).some((port) => hostPortsInUse(model).has(port))) {
    return "no suitable node (host-mode port already in use on 1 node)";
  }
  return null;
}

/** Whether the node is one that a global service runs on. */
export function isEligible(spec: ServiceSpec): boolean {
  return (spec.TaskTemplate.Placement.Constraints ?? []).every(holds);
}

/** Whether Swarm can read a constraint. */
export function isConstraint(text: string): boolean {
  return /^\s*[\w.-]+\s*(?:==|!=)\s*[^\s=!][^=!]*$/u.test(text);
}

function holds(constraint: string): boolean {
  const [, fact = "", operator, value = ""] =
    /^\s*([\w.-]+)\s*(==|!=)\s*(.*?)\s*$/u.exec(constraint) ?? [];
  const isEqual = (FACTS[fact] ?? "") === value;
  return operator === "==" ? isEqual : !isEqual;
}

function hostPorts(spec: ServiceSpec): readonly string[] {
  return (spec.EndpointSpec.Ports ?? [])
    .filter((port) => port.PublishMode === "host" && port.PublishedPort !== undefined)
    .map((port) => `${port.PublishedPort}/${port.Protocol}`);
}

/** Whether the scheduler has found a node for the task. */
export function isPlaced(task: ModelTask): boolean {
  return task.state !== "new" && task.state !== "pending";
}

/** The scheduler takes a port for free as soon as its task is told to stop. */
function hostPortsInUse(model: SwarmModel): ReadonlySet<string> {
  const tasks = [...model.services.values()].flatMap((service) => service.tasks);
  const placed = tasks.filter(
    (task) => isPlaced(task) && task.desiredState !== "shutdown" && !isOver(task),
  );
  return new Set(placed.flatMap((task) => hostPorts(task.spec)));
}

/** Swarm's words when another service has published one of these ports to everybody; null when none has. */
export function portConflict(model: SwarmModel, spec: ServiceSpec): string | null {
  for (const service of model.services.values()) {
    if (service.spec.Name === spec.Name) continue;
    for (const theirs of service.spec.EndpointSpec.Ports ?? []) {
      const ours = spec.EndpointSpec.Ports?.find(
        (port) =>
          port.PublishedPort === theirs.PublishedPort &&
          port.Protocol === theirs.Protocol &&
          (port.PublishMode === "ingress" || theirs.PublishMode === "ingress"),
      );
      if (ours?.PublishedPort === undefined) continue;
      const kind = theirs.PublishMode === "ingress" ? "an ingress" : "a host-published";
      const name = `'${service.spec.Name}' (${service.id})`;
      return `port '${ours.PublishedPort}' is already in use by service ${name} as ${kind} port`;
    }
  }
  return null;
}

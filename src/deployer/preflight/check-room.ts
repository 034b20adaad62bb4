import { memoryText } from "../../memory-text.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import type { LiveNode } from "../ports.ts";
import { isHost } from "./check-ports.ts";
import { fittingNodes, workingNodes } from "./fitting-nodes.ts";
import { mostTasks, taskCount } from "./task-count.ts";
import { type ChangingService, fail, type PreflightView, stackOf, warn } from "./view.ts";

/** Whether the nodes that a service may run on have room for its tasks. */
export function checkRoom(view: PreflightView): void {
  const { nodes } = view.live;
  for (const service of view.changing) {
    const fitting = fittingNodes(nodes, service.release.spec);
    if (fitting.length === 0) continue;
    checkSeats(view, service, fitting);
    checkReservation(view, service, fitting);
  }
  checkSum(view);
}

/** Where a node takes a few tasks of a service only: by its settings, or because they share a port of the node. */
function checkSeats(
  view: PreflightView,
  { key, release, isReplacing }: ChangingService,
  fitting: readonly LiveNode[],
): void {
  const { spec } = release;
  const { tasks } = taskCount(spec);
  const most = isReplacing ? mostTasks(spec) : tasks;
  const perNode = spec.TaskTemplate.Placement.MaxReplicas ?? 0;
  const port = (spec.EndpointSpec.Ports ?? []).find((one) => isHost(one) && one.PublishedPort);
  const limits = [
    perNode > 0
      ? {
          seats: perNode * fitting.length,
          place: "deploy.placement.max_replicas_per_node",
          why: `at most ${perNode} on each`,
          raise: ", raise max_replicas_per_node",
        }
      : null,
    port === undefined
      ? null
      : {
          seats: fitting.length,
          place: "ports",
          why: `one on each, for port ${port.PublishedPort}`,
          raise: "",
        },
  ];
  for (const limit of limits) {
    if (limit === null || most <= limit.seats) continue;
    const isTooMany = tasks > limit.seats;
    fail(view, {
      code: "no_suitable_node",
      key: `${key}.${limit.place}`,
      summary: isTooMany
        ? `${tasks} replicas do not fit on ${count(fitting.length)} (${limit.why})`
        : `start-first needs room for ${most} tasks during the update, and ${count(fitting.length)} have room for ${limit.seats} (${limit.why})`,
      nextStep: isTooMany
        ? `Lower the replicas${limit.raise}, or add nodes.`
        : "Set `deploy.update_config.order` to stop-first, or make room.",
    });
  }
}

/** Whether nodes with nothing else on them could hold the tasks. */
function checkReservation(
  view: PreflightView,
  { key, release }: ChangingService,
  fitting: readonly LiveNode[],
): void {
  const reserved = reservationOf(release.spec);
  if (reserved.cpus === 0 && reserved.memory === 0) return;
  const { tasks, isGlobal } = taskCount(release.spec);
  const room = fitting.map((node) => seatsOn(node, reserved));
  const seats = room.reduce((sum, one) => sum + one, 0);
  if (isGlobal ? room.every((one) => one > 0) : seats >= tasks) return;
  fail(view, {
    code: "no_suitable_node",
    key: `${key}.deploy.resources.reservations`,
    summary: `${tasks === 1 && !isGlobal ? "the task" : "each task"} reserves ${showReservation(reserved)}, ${whyNoRoom({ room, tasks, isGlobal })}`,
    nextStep:
      tasks === 1 || isGlobal
        ? "Lower deploy.resources.reservations, or add larger nodes."
        : "Lower deploy.resources.reservations or the replicas, or add nodes.",
  });
}

/** `room` is how many tasks each node could hold with nothing else on it. */
function whyNoRoom({
  room,
  tasks,
  isGlobal,
}: {
  readonly room: readonly number[];
  readonly tasks: number;
  readonly isGlobal: boolean;
}): string {
  const seats = room.reduce((sum, one) => sum + one, 0);
  if (seats === 0) return "more than any node has, even with nothing else on it";
  if (isGlobal) return "more than some of the nodes have, even with nothing else on them";
  return `and ${count(room.length)} could hold ${seats} of ${tasks}, even with nothing else on ${room.length === 1 ? "it" : "them"}`;
}

interface Reservation {
  /** Billionths. */
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
}

function reservationOf({ TaskTemplate: task }: ServiceSpec): Reservation {
  const { NanoCPUs: cpus = 0, MemoryBytes: memory = 0 } = task.Resources.Reservations ?? {};
  return { cpus, memory };
}

function seatsOn({ nanoCpus, memoryBytes }: LiveNode, { cpus, memory }: Reservation): number {
  const byCpus = cpus > 0 ? Math.floor(nanoCpus / cpus) : Number.MAX_SAFE_INTEGER;
  const byMemory = memory > 0 ? Math.floor(memoryBytes / memory) : Number.MAX_SAFE_INTEGER;
  return Math.min(byCpus, byMemory);
}

/** Whether all that is reserved, of other stacks too, is more than there is: then something waits, nobody knows what. */
function checkSum(view: PreflightView): void {
  const { live, release, stackName, changing } = view;
  const nodes = workingNodes(live.nodes);
  const own = new Set(release.services.map(({ spec }) => spec.Name));
  const specs = [
    ...release.services.map(({ spec }) => spec),
    ...live.services
      .map(({ spec }) => spec)
      .filter((spec) => !own.has(spec.Name) && stackOf(spec) !== stackName),
  ];
  const reserves = changing.some(({ release: { spec } }) => {
    const { cpus, memory } = reservationOf(spec);
    return cpus + memory > 0;
  });
  if (!reserves || nodes.length === 0) return;
  const wanted = { cpus: 0, memory: 0 };
  for (const spec of specs) {
    const { tasks, isGlobal } = taskCount(spec);
    const times = isGlobal ? fittingNodes(nodes, spec).length : tasks;
    const { cpus, memory } = reservationOf(spec);
    wanted.cpus += cpus * times;
    wanted.memory += memory * times;
  }
  const cpus = nodes.reduce((sum, node) => sum + node.nanoCpus, 0);
  const memory = nodes.reduce((sum, node) => sum + node.memoryBytes, 0);
  if (wanted.cpus <= cpus && wanted.memory <= memory) return;
  warn(view, {
    code: "no_suitable_node",
    key: "",
    summary: `all services together would reserve ${showReservation(wanted)} of the Swarm's ${showReservation({ cpus, memory })}`,
    nextStep: "Lower reservations, or add nodes; else some task waits for room.",
  });
}

function showReservation({ cpus, memory }: Reservation): string {
  const parts = [
    ...(cpus > 0 ? [`${Number((cpus / 1e9).toFixed(3))} CPUs`] : []),
    ...(memory > 0 ? [`${memoryText(memory)} of memory`] : []),
  ];
  return parts.join(" and ");
}

function count(nodes: number): string {
  return nodes === 1 ? "1 node" : `${nodes} nodes`;
}

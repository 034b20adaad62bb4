import type { GuardedService } from "./bodies.ts";
import { ask, type GuardedObject, type GuardView, show } from "./finding.ts";
import type { PortRange } from "./rules.ts";

/** What the nodes of a Swarm talk to each other by. */
const SWARM_PORTS = [2377, 4789, 7946];
/** Where Swarm, or a node's kernel, takes a port from when the file names none. */
const CHOSEN_BY_SWARM: PortRange = { from: 30_000, to: 32_767 };
const CHOSEN_BY_NODE: PortRange = { from: 32_768, to: 60_999 };

/** Which ports a service may take on the nodes. */
export function checkPorts(
  view: GuardView,
  { key, body }: GuardedObject<GuardedService>,
  reserved: readonly number[],
): void {
  const ranges = view.rules.publishedPorts;
  const place = `${key}.ports`;
  for (const { PublishedPort: published, PublishMode: mode } of body.EndpointSpec?.Ports ?? []) {
    const chosen = mode?.toLowerCase() === "host" ? CHOSEN_BY_NODE : CHOSEN_BY_SWARM;
    const wanted = published ? { from: published, to: published } : chosen;
    const text = showRange(wanted);
    if (reserved.includes(wanted.from)) {
      view.refuse(place, `publishes port ${text}, which is Skep's own`, "Publish another port");
    } else if (!covers(ranges, wanted)) {
      const what = published ? `port ${text}` : `a port of Docker's choice (${text})`;
      view.refuse(
        place,
        `publishes ${what}, which the operator does not allow`,
        ask("published_ports", show(text), "publish another port"),
      );
    } else if (isSwarmPort(wanted) && !isListed(ranges, wanted.from)) {
      view.refuse(
        place,
        `publishes port ${text}, which the nodes of the Swarm talk to each other by`,
        "Publish another port",
      );
    }
  }
}

function covers(ranges: readonly PortRange[], wanted: PortRange): boolean {
  // Ranges may touch or overlap: what one leaves open another may hold.
  let next = wanted.from;
  for (const { from, to } of ranges.toSorted((one, other) => one.from - other.from)) {
    if (from <= next && to >= next) next = to + 1;
  }
  return Number.isInteger(wanted.from) && wanted.from > 0 && next > wanted.to;
}

function isSwarmPort({ from, to }: PortRange): boolean {
  return from === to && SWARM_PORTS.includes(from);
}

/** Whether the operator named just this port. */
function isListed(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(({ from, to }) => from === port && to === port);
}

function showRange({ from, to }: PortRange): string {
  return from === to ? `${from}` : `${from}-${to}`;
}

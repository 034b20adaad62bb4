import type { PortConfig } from "../../swarm-objects.ts";
import { fail, type PreflightView, stackOf, whose } from "./view.ts";

interface TakenPort {
  readonly port: PortConfig;
  readonly service: string;
  readonly stack: string | null;
}

/** Published ports that services of others have. On the nodes of their tasks only, two may publish the same. */
export function checkPorts(view: PreflightView): void {
  const taken = portsOfOthers(view);
  for (const { key, release } of view.changing) {
    for (const port of release.spec.EndpointSpec.Ports ?? []) {
      const other = taken.get(nameOf(port))?.find((one) => !(isHost(one.port) && isHost(port)));
      if (!port.PublishedPort || other === undefined) continue;
      fail(view, {
        code: "port_in_use",
        key: `${key}.ports`,
        summary: `port ${nameOf(port)} is published by the service ${other.service} of ${whose(other.stack)}`,
        nextStep: "Publish another port, or remove it from that service.",
      });
    }
  }
}

function portsOfOthers({ live, stackName, plan }: PreflightView): Map<string, TakenPort[]> {
  const own = new Set(plan.services.map(({ spec }) => spec.Name));
  const taken = new Map<string, TakenPort[]>();
  for (const { spec } of live.services) {
    const stack = stackOf(spec);
    if (stack === stackName || own.has(spec.Name)) continue;
    for (const port of spec.EndpointSpec.Ports ?? []) {
      const name = nameOf(port);
      taken.set(name, [...(taken.get(name) ?? []), { port, service: spec.Name, stack }]);
    }
  }
  return taken;
}

function nameOf({ PublishedPort: published = 0, Protocol: protocol = "" }: PortConfig): string {
  const name = protocol.toLowerCase();
  return `${published}/${name === "udp" || name === "sctp" ? name : "tcp"}`;
}

/** Whether a port is published on the nodes of the tasks only; any other word means all nodes. */
export function isHost({ PublishMode: mode = "" }: PortConfig): boolean {
  return mode.toLowerCase() === "host";
}

import type { ServiceSpec } from "../../swarm-objects.ts";
import type { Symptoms, WordRule } from "./diagnose-finding.ts";

/** Ports that something else holds. */
export const PORT_RULES: readonly WordRule[] = [
  {
    code: "port_in_use",
    words: /port '?(\d+)'? is already in use by service '?([^\s']+)/iu,
    summary: (match) => `port ${match[1]} is already published by service ${match[2]}`,
    nextStep: (match) => `Publish another port, or remove service ${match[2]}.`,
  },
  {
    code: "port_in_use",
    words: /(?:bind for \S*?:(\d+) failed: )?port is already allocated/iu,
    summary: (match, { service }) =>
      `host port ${match[1] ?? hostPortsOf(service)} is taken by another container of the node`,
    nextStep: () =>
      "Publish another port, or stop the container that holds it (docker ps on the node).",
  },
  {
    code: "port_in_use",
    words: /listen \w+ \S*?:(\d+): bind: address already in use/iu,
    summary: (match) => `host port ${match[1]} is taken by a program on the node`,
    nextStep: (match) =>
      `Publish another port, or stop the program (ss -ltnp 'sport = :${match[1]}').`,
  },
];

/** The ports that the service publishes on its nodes themselves. */
export function hostPortsOf(service: ServiceSpec): string {
  return hostPorts(service).join(", ");
}

/** Who holds a host port of the service: another service by name, where one is known that publishes it too. */
export function portHolderOf({ service, services }: Symptoms): string {
  const wanted = new Set(hostPorts(service));
  const others = services.flatMap(({ spec }) =>
    hostPorts(spec).some((port) => wanted.has(port)) ? [spec.Name] : [],
  );
  const names = others.filter((name) => name !== service.Name).toSorted();
  if (names.length > 0) return `service ${names.join(" or ")}`;
  return others.length > 0 ? "another task of this service" : "another service's task";
}

function hostPorts({ EndpointSpec }: ServiceSpec): readonly string[] {
  return (EndpointSpec.Ports ?? []).flatMap(({ PublishMode, PublishedPort, Protocol = "tcp" }) => {
    if (PublishMode !== "host" || PublishedPort === undefined) return [];
    return [Protocol === "tcp" ? `${PublishedPort}` : `${PublishedPort}/${Protocol}`];
  });
}

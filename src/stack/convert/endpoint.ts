import type { StackPort, StackService } from "../model.ts";
import { type Body, compareBytes, nonEmpty } from "./go-json.ts";

/** How a service is reached: its ports, sorted by published port, target and protocol. */
export function convertEndpoint({ deploy, ports = [] }: StackService): Body {
  return nonEmpty({
    Mode: deploy?.endpointMode?.toLowerCase(),
    Ports: ports.toSorted(comparePorts).map((port) =>
      nonEmpty({
        Protocol: port.protocol,
        TargetPort: port.target,
        PublishedPort: port.published,
        PublishMode: port.mode,
      }),
    ),
  });
}

function comparePorts(one: StackPort, other: StackPort): number {
  return (
    (one.published ?? 0) - (other.published ?? 0) ||
    one.target - other.target ||
    compareBytes(one.protocol ?? "", other.protocol ?? "")
  );
}

import type { StackPort } from "../model.ts";
import type { Conversion } from "./conversion.ts";
import { sortedEntries } from "./go-json.ts";

/** Any other word is read as `tcp`. */
export function protocolOf({ protocol = "" }: StackPort): string {
  const name = protocol.toLowerCase();
  return name === "udp" || name === "sctp" ? name : "tcp";
}

/** Whether a port is published on the nodes of the tasks only; any other word is read as `ingress`. */
export function isHostPort({ mode = "" }: StackPort): boolean {
  return mode.toLowerCase() === "host";
}

/**
 * Refuses a port that two services of the stack publish, of which one could be created only. Both may publish it on
 * the nodes of their tasks.
 */
export function checkPorts(conversion: Conversion): void {
  const { stack } = conversion;
  const taken = new Map<string, { readonly key: string; readonly isHost: boolean }>();
  for (const [key, { ports = [] }] of sortedEntries(conversion.model.services)) {
    for (const [index, port] of ports.entries()) {
      const name = `${port.published}/${protocolOf(port)}`;
      const other = taken.get(name);
      const isHost = isHostPort(port);
      if (!port.published || other?.key === key) {
        continue;
      }
      if (other !== undefined && !(isHost && other.isHost)) {
        conversion.refuse({
          code: "port_taken",
          key: `services.${key}.ports[${index}]`,
          message: `failed to create service ${stack}_${key}: port '${port.published}' is already in use by service '${stack}_${other.key}'`,
        });
      }
      taken.set(name, other ?? { key, isHost });
    }
  }
}

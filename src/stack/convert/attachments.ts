import type { StackService } from "../model.ts";
import { type Conversion, fullName, joinedNetworks } from "./conversion.ts";
import { type Body, compareBytes, filled, nonEmpty, own } from "./go-json.ts";

/** Networks that every node has already; tasks on them have no aliases. */
const PREDEFINED = new Set(["default", "bridge", "host", "none"]);

/** The networks that a service joins, sorted by full name, each with the service's key as its last alias. */
export function convertAttachments(
  conversion: Conversion,
  key: string,
  service: StackService,
): readonly Body[] {
  return joinedNetworks(conversion.model, key)
    .map((network) => attachment(conversion, { key, service, network }))
    .toSorted(
      (one, other) =>
        compareBytes(one.target, other.target) || compareBytes(one.network, other.network),
    )
    .map(({ body }) => body);
}

function attachment(
  conversion: Conversion,
  { key, service, network }: { key: string; service: StackService; network: string },
): { network: string; target: string; body: Body } {
  const definition = own(conversion.model.networks, network);
  if (definition === undefined && network !== "default") {
    conversion.refuse({
      code: "undefined_network",
      key: `services.${key}.networks.${network}`,
      message: `service ${key}: undefined network ${JSON.stringify(network)}`,
    });
  }
  const target = fullName(conversion, network, definition);
  const { aliases = [], driverOpts } = own(service.networks ?? {}, network) ?? {};
  const body = nonEmpty({
    Target: target,
    Aliases: isPredefined(target) ? aliases : [...aliases, key],
    DriverOpts: filled(driverOpts),
  });
  return { network, target, body };
}

function isPredefined(target: string): boolean {
  return PREDEFINED.has(target) || target.startsWith("container:");
}

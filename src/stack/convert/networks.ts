import type { StackModel, StackNetwork } from "../model.ts";
import { byName } from "./by-name.ts";
import { type Conversion, fullName, joinedNetworks, stackLabels } from "./conversion.ts";
import { type Body, compareBytes, own } from "./go-json.ts";

/** The bodies that create the stack's networks, by full name. */
export function convertNetworks(conversion: Conversion): Record<string, Body> {
  const networks = createdNetworks(conversion.model).map(([key, network]) => {
    const name = fullName(conversion, key, network);
    return { key, name, body: networkBody(conversion, name, network) };
  });
  return byName(conversion, "network", networks);
}

/** The networks that a deployment creates, by key: those that a service joins and that are not external. */
export function createdNetworks(model: StackModel): readonly [string, StackNetwork][] {
  const keys = new Set(
    Object.keys(model.services).flatMap((service) => joinedNetworks(model, service)),
  );
  return [...keys]
    .sort(compareBytes)
    .map((key): [string, StackNetwork] => [key, own(model.networks, key) ?? {}])
    .filter(([, network]) => network.isExternal !== true);
}

/** All fields are sent, whatever they hold: the API's structure says so. */
function networkBody(conversion: Conversion, name: string, network: StackNetwork): Body {
  return {
    Name: name,
    CheckDuplicate: true,
    Driver: network.driver || "overlay",
    Scope: "",
    IPAM: ipam(network),
    Internal: network.internal ?? false,
    Attachable: network.attachable ?? false,
    Ingress: false,
    ConfigOnly: false,
    ConfigFrom: null,
    Options: network.driverOpts ?? null,
    Labels: stackLabels(conversion, network.labels),
  };
}

function ipam({ ipam: settings }: StackNetwork): Body | null {
  const driver = settings?.driver ?? "";
  const subnets = settings?.subnets ?? [];
  if (driver === "" && subnets.length === 0) {
    return null;
  }
  return {
    Driver: driver,
    Options: null,
    Config:
      subnets.length === 0
        ? null
        : subnets.map((subnet) => (subnet === "" ? {} : { Subnet: subnet })),
  };
}

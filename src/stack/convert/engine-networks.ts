import { isIPv4, isIPv6 } from "node:net";
import type { StackNetwork } from "../model.ts";
import { type Conversion, fullName } from "./conversion.ts";
import { type Fault, fault } from "./engine-fault.ts";
import { createdNetworks } from "./networks.ts";

/** Drivers whose networks are of one node, unless they are made by hand for a whole Swarm. */
const LOCAL_DRIVERS = ["bridge", "macvlan", "ipvlan"];

/** Refuses the networks that every engine refuses, and those that it makes and then lets no service join. */
export function checkNetworks(conversion: Conversion): void {
  for (const [key, network] of createdNetworks(conversion.model)) {
    const name = fullName(conversion, key, network);
    for (const [path, message] of [
      ...driverFaults(name, network),
      ...subnetFaults(name, network),
    ]) {
      conversion.refuse({ code: "engine_refuses", key: `networks.${key}.${path}`, message });
    }
  }
}

function driverFaults(name: string, { driver = "" }: StackNetwork): readonly Fault[] {
  return fault(
    LOCAL_DRIVERS.includes(driver),
    "driver",
    `the network ${name} cannot be used with services: only networks scoped to the swarm can be used, such as those created with the overlay driver`,
  );
}

function subnetFaults(name: string, { ipam }: StackNetwork): readonly Fault[] {
  return (ipam?.subnets ?? []).flatMap((subnet, index) =>
    fault(
      subnet !== "" && !isSubnet(subnet),
      `ipam.config[${index}].subnet`,
      `failed to create network ${name}: Invalid subnet ${subnet} : invalid CIDR address: ${subnet}`,
    ),
  );
}

function isSubnet(text: string): boolean {
  const [address = "", length = "", ...rest] = text.split("/");
  if (rest.length > 0 || !/^\d{1,3}$/.test(length)) {
    return false;
  }
  const bits = Number(length);
  return (
    (isIPv4(address) && bits <= 32) || (isIPv6(address) && !address.includes("%") && bits <= 128)
  );
}

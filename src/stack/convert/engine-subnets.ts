import { isIPv4, isIPv6 } from "node:net";
import { type Conversion, fullName } from "./conversion.ts";
import { createdNetworks } from "./networks.ts";

/** Refuses what is no subnet, such as an address without the length of its prefix. */
export function checkSubnets(conversion: Conversion): void {
  for (const [key, network] of createdNetworks(conversion.model)) {
    for (const [index, subnet] of (network.ipam?.subnets ?? []).entries()) {
      if (subnet !== "" && !isSubnet(subnet)) {
        conversion.refuse({
          code: "engine_refuses",
          key: `networks.${key}.ipam.config[${index}].subnet`,
          message: `failed to create network ${fullName(conversion, key, network)}: Invalid subnet ${subnet} : invalid CIDR address: ${subnet}`,
        });
      }
    }
  }
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

import { BlockList, isIP } from "node:net";

interface Subnet {
  readonly address: string;
  readonly bits: number;
  readonly family: "ipv4" | "ipv6";
}

/** Whether two subnets in CIDR notation have an address in common; what is no subnet has none. */
export function isOverlapping(one: string, other: string): boolean {
  const [a, b] = [readSubnet(one), readSubnet(other)];
  if (a === null || b === null || a.family !== b.family) return false;
  // Of two that overlap, the wider one holds all of the other.
  return holds(a, b.address) || holds(b, a.address);
}

function holds({ address, bits, family }: Subnet, other: string): boolean {
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return list.check(other, family);
}

function readSubnet(text: string): Subnet | null {
  const [address = "", length = "", ...rest] = text.split("/");
  const version = isIP(address);
  const bits = Number(length);
  if (version === 0 || rest.length > 0 || !/^\d{1,3}$/u.test(length)) return null;
  if (address.includes("%") || bits > (version === 4 ? 32 : 128)) return null;
  return { address, bits, family: version === 4 ? "ipv4" : "ipv6" };
}

import { BlockList, isIP } from "node:net";

/** Whether two subnets in CIDR notation have addresses in common; false where one of them is no subnet. */
export function doOverlap(one: string, other: string): boolean {
  const ours = parse(one);
  const theirs = parse(other);
  if (ours === null || theirs === null || ours.family !== theirs.family) return false;
  return contains(ours, theirs) || contains(theirs, ours);
}

interface Subnet {
  readonly address: string;
  readonly bits: number;
  readonly family: "ipv4" | "ipv6";
}

function parse(text: string): Subnet | null {
  const [, address = "", digits = ""] = /^([\d.a-f:]+)\/(\d{1,3})$/iu.exec(text) ?? [];
  const version = isIP(address);
  const bits = Number(digits);
  if (version === 0 || bits > (version === 4 ? 32 : 128)) return null;
  return { address, bits, family: version === 4 ? "ipv4" : "ipv6" };
}

/** Of two subnets that overlap, one lies in the other. */
function contains(outer: Subnet, inner: Subnet): boolean {
  const list = new BlockList();
  list.addSubnet(outer.address, outer.bits, outer.family);
  return list.check(inner.address, inner.family);
}

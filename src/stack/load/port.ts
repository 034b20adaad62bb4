import { isIP, isIPv4 } from "node:net";
import type { StackPort } from "../model.ts";

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Whether the text is a short port; cheap, however large its range. */
export function isPort(text: string): boolean {
  return readSpec(text) !== null;
}

/** All addresses of a node, as if none was named. */
const ANY_ADDRESS = ["", "0.0.0.0", "::"];

/** Whether a short port is bound to an address of its own, such as `127.0.0.1:80:80`. */
export function isAddressed(text: string): boolean {
  const address = text.split(":").slice(0, -2).join(":");
  return !ANY_ADDRESS.includes(address.replaceAll(/[[\]]/gu, ""));
}

/** What a short port such as `127.0.0.1:8080-8081:80-81/tcp` publishes; null when it is none. */
export function parsePort(text: string): readonly StackPort[] | null {
  const spec = readSpec(text);
  if (spec === null) return null;
  const { target, published, protocol } = spec;
  const targets = numbers(target);
  const ports = targets.flatMap((each, index): StackPort[] => {
    const base = { target: each, protocol, mode: "ingress" };
    if (published === null) return [base];
    // A range for one port inside: each of them leads there.
    if (target.from === target.to)
      return numbers(published).map((from) => ({ ...base, published: from }));
    return [{ ...base, published: published.from + index }];
  });
  // The CLI goes through them as texts: 10000 comes before 8000.
  return ports.map(withoutZero).toSorted((a, b) => compare(`${a.target}/`, `${b.target}/`));
}

/** Port 0 outside is none. */
function withoutZero({ published, ...port }: StackPort): StackPort {
  return published === undefined || published === 0 ? port : { ...port, published };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function readSpec(
  text: string,
): { readonly target: Range; readonly published: Range | null; readonly protocol: string } | null {
  const parts = text.split(":");
  const [inside, protocol] = splitProtocol(parts.pop() ?? "");
  const outside = parts.pop() ?? "";
  if (!isAddress(parts.join(":"))) return null;
  const target = readRange(inside);
  const published = outside === "" ? null : readRange(outside);
  if (target === null || (outside !== "" && published === null)) return null;
  const isRange = target.from !== target.to;
  if (isRange && published !== null && size(published) !== size(target)) return null;
  const lower = protocol.toLowerCase();
  if (!["tcp", "udp", "sctp"].includes(lower)) return null;
  return { target, published, protocol: lower };
}

function splitProtocol(text: string): [port: string, protocol: string] {
  const [port = "", protocol = ""] = text.split("/");
  return [port, protocol === "" ? "tcp" : protocol];
}

function isAddress(text: string): boolean {
  if (text === "") return true;
  if (text.startsWith("[")) {
    const inside = /^\[([^[\]]*)\]$/.exec(text)?.[1];
    return inside !== undefined && (inside === "" || isAddress(inside));
  }
  return isIP(text) !== 0 && (isIPv4(text) || !text.includes("%"));
}

function readRange(text: string): Range | null {
  const [first = "", second = first] = text.split("-");
  const from = readPort(first);
  const to = readPort(second);
  return from === null || to === null || to < from ? null : { from, to };
}

function readPort(text: string): number | null {
  if (!/^\d+$/.test(text)) return null;
  const port = Number(text);
  return port <= 65_535 ? port : null;
}

function size(range: Range): number {
  return range.to - range.from;
}

function numbers(range: Range): number[] {
  return Array.from({ length: size(range) + 1 }, (_, index) => range.from + index);
}

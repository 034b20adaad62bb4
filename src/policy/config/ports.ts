import { z } from "zod";
import type { ServiceDefinition } from "../../release.ts";
import { describe, oneOf, wholeNumber } from "./fields.ts";
import { isGoScalar } from "./scalars.ts";

/** A published port. */
export type Port = ServiceDefinition["ports"][number];

const HIGHEST = 65_535;
/** A range longer than this is a slip; Swarm slows down long before. */
const LONGEST_RANGE = 100;

const modes = ["ingress", "host"] as const;
const protocols = ["tcp", "udp"] as const;

/** The long form of a port. */
export const longPort = z.strictObject({
  target: wholeNumber(1, HIGHEST).optional(),
  published: wholeNumber(0, HIGHEST).optional(),
  protocol: oneOf(protocols).optional(),
  mode: oneOf(modes).optional(),
});

/** The ports of a service: short forms such as `8080:80/udp` and long ones, in any mixture. */
export const ports: z.ZodType<readonly Port[]> = z
  .unknown()
  .transform((value, context): readonly Port[] => {
    const report = (message: string, path: readonly (string | number)[] = []): never => {
      context.issues.push({ code: "custom", message, path: [...path], input: value });
      return z.NEVER;
    };
    if (!Array.isArray(value)) {
      return report(`is ${describe(value)}: write a list such as ["8080:80"]`);
    }
    const items: readonly unknown[] = value;
    return items.flatMap((item, index): readonly Port[] => {
      if (typeof item === "string" || isGoScalar(item)) {
        const short = readShortPort(typeof item === "string" ? item : item.text);
        return typeof short === "string" ? report(short, [index]) : short;
      }
      const long = longPort.safeParse(item);
      if (!long.success) {
        for (const issue of long.error.issues) {
          const path = [index, ...issue.path];
          if (issue.code === "unrecognized_keys") {
            context.issues.push({ code: issue.code, keys: issue.keys, path, input: {} });
          } else {
            const message = issue.code === "custom" ? issue.message : EXPECTED;
            context.issues.push({ code: "custom", message, path, input: item });
          }
        }
        return z.NEVER;
      }
      const { target, published, protocol = "tcp", mode = "ingress" } = long.data;
      if (target === undefined)
        return report("does not say which port of the container: add target", [index]);
      return [{ target, published: published || null, protocol, mode }];
    });
  });

const SHORT =
  /^(?:(?<address>\[[^\]]*\]|[^:]*):)?(?:(?<from>\d+)(?:-(?<fromEnd>\d+))?:)?(?<to>\d+)(?:-(?<toEnd>\d+))?(?:\/(?<protocol>\w+))?$/u;
const EXPECTED = 'is no port: write it as "8080:80", "80" or "8000-8010:8000-8010/udp"';

/** The ports that a short form means, or what is wrong with it. */
function readShortPort(text: string): readonly Port[] | string {
  const groups = text.length > 100 ? undefined : splitShort(text);
  if (!groups) return EXPECTED;
  if (groups.hasAddress) {
    return "names an address, but Swarm publishes on all of a node: remove the address";
  }
  const protocol = protocols.find((name) => name === groups.protocol);
  if (protocol === undefined) return "is for an unknown protocol: write tcp or udp";
  const targets = range(groups.to);
  const published = groups.from === null ? [null] : range(groups.from);
  if (!targets || !published)
    return `is out of range: write ports from 1 to ${HIGHEST}, and ranges of at most ${LONGEST_RANGE}`;
  if (groups.from === null) return targets.map((target) => port(target, null, protocol));
  if (targets.length === 1) return published.map((one) => port(targets[0] ?? 0, one, protocol));
  if (targets.length !== published.length) return "has two ranges: make both equally long";
  return targets.map((target, index) => port(target, published[index] ?? null, protocol));
}

type Range = readonly [first: number, last: number];

function splitShort(text: string):
  | {
      readonly hasAddress: boolean;
      readonly from: Range | null;
      readonly to: Range;
      readonly protocol: string;
    }
  | undefined {
  const groups = SHORT.exec(text)?.groups;
  if (!groups) return undefined;
  const { address, from, fromEnd, to, toEnd, protocol = "tcp" } = groups;
  // `8080:80` fits both as address:port and as published:target; it is the latter.
  const [, host, hostEnd] = /^(\d+)(?:-(\d+))?$/u.exec(address ?? "") ?? [];
  const isHostPort = host !== undefined && from === undefined;
  return {
    hasAddress: address !== undefined && !isHostPort,
    from: isHostPort ? span(host, hostEnd) : from === undefined ? null : span(from, fromEnd),
    to: span(to ?? "", toEnd),
    protocol: protocol.toLowerCase(),
  };
}

function span(first: string, last: string | undefined): Range {
  return [Number(first), Number(last ?? first)];
}

function range([first, last]: Range): readonly number[] | null {
  const length = last - first + 1;
  if (first < 1 || last > HIGHEST || length < 1 || length > LONGEST_RANGE) return null;
  return Array.from({ length }, (_, index) => first + index);
}

function port(target: number, published: number | null, protocol: Port["protocol"]): Port {
  return { target, published, protocol, mode: "ingress" };
}

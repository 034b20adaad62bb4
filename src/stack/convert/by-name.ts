import { isDeepStrictEqual } from "node:util";
import type { Conversion } from "./conversion.ts";
import type { Body } from "./go-json.ts";

/** An object as the file has it, and as it is sent. */
export interface Keyed {
  readonly key: string;
  readonly name: string;
  readonly body: Body;
}

/**
 * Bodies by their full name. Two keys may lead to one name only when both say the same: the CLI would make whichever
 * comes first, in random order.
 */
export function byName(
  conversion: Conversion,
  kind: "network" | "secret" | "config",
  objects: readonly Keyed[],
): Record<string, Body> {
  const found = new Map<string, Keyed>();
  for (const object of objects) {
    const { key, name, body } = object;
    const earlier = found.get(name);
    if (earlier !== undefined && !isDeepStrictEqual(earlier.body, body)) {
      conversion.refuse({
        code: "name_twice",
        key: `${kind}s.${key}`,
        message: `${kind} ${name} is defined twice, as ${earlier.key} and as ${key}, with different settings: give one of them another name`,
      });
    }
    found.set(name, object);
  }
  return Object.fromEntries([...found].map(([name, { body }]) => [name, body]));
}

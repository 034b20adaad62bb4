import type { StackFileObject } from "../model.ts";
import { type Conversion, fullName } from "./conversion.ts";
import { sortedEntries } from "./go-json.ts";

/** From which size on, in bytes, no engine takes one. */
const LIMITS = { secret: 512_000, config: 1_024_000 } as const;

/** The most of either that Skep stores, in bytes: the Swarm keeps each in the memory of every manager. */
const MOST = 500_000;

/** Refuses empty and too large secrets and configs, which the CLI learns after it has created the networks. */
export function checkSizes(conversion: Conversion): void {
  check(conversion, "secret", conversion.model.secrets);
  check(conversion, "config", conversion.model.configs);
}

function check(
  conversion: Conversion,
  kind: "secret" | "config",
  objects: Readonly<Record<string, StackFileObject>>,
): void {
  for (const [key, object] of sortedEntries(objects)) {
    const size = object.data?.length;
    const isMade = object.isExternal !== true && !object.driver && size !== undefined;
    if (isMade && size > MOST && !conversion.asCli) {
      conversion.refuse({
        code: "content_too_large",
        key: `${kind}s.${key}.file`,
        message: `${kind} ${fullName(conversion, key, object)} has ${size} bytes, and may have ${MOST}: put it into an image or a volume, or make it smaller`,
      });
    } else if (isMade && (size === 0 || size >= LIMITS[kind])) {
      conversion.refuse({
        code: "engine_refuses",
        key: `${kind}s.${key}.file`,
        message: `failed to create ${kind} ${fullName(conversion, key, object)}: ${kind} data must be larger than 0 and less than ${LIMITS[kind]} bytes`,
      });
    }
  }
}

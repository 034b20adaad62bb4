import { compareBytes } from "./go-json.ts";

const ALL = "ALL";
/** Means something on an update by hand only. */
const RESET = "RESET";

/**
 * What is added and what is dropped, each sorted, without doubles, with the prefix `CAP_`. `ALL` makes the rest of its
 * own list needless; what is added is not dropped.
 */
export function effectiveCapabilities(
  add: readonly string[] = [],
  drop: readonly string[] = [],
): { add: readonly string[]; drop: readonly string[] } {
  const added = normalised(add);
  const dropped = normalised(drop).filter((name) => !added.includes(name));
  return { add: added.filter(isSent), drop: dropped.filter(isSent) };
}

function normalised(list: readonly string[]): readonly string[] {
  const names = new Set(list.map(normalise));
  return names.has(ALL) ? [ALL] : [...names].sort(compareBytes);
}

function normalise(capability: string): string {
  const name = capability.trim().toUpperCase();
  return name === ALL || name === RESET || name.startsWith("CAP_") ? name : `CAP_${name}`;
}

function isSent(name: string): boolean {
  return name !== RESET;
}

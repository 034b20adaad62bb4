import { isGoScalar } from "./scalars.ts";

/** Whether a value of the file is a mapping. */
export function isMapping(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return !Array.isArray(value) && !isGoScalar(value);
}

/** The entry of a mapping or list; undefined when there is none. */
export function readKey(value: unknown, key: string | number): unknown {
  if (typeof value !== "object" || value === null || isGoScalar(value)) return undefined;
  if (!Object.hasOwn(value, key)) return undefined;
  const entries: Record<string | number, unknown> = { ...value };
  return entries[key];
}

import { isMapping } from "./values.ts";

/** A file's top without its `x-` entries, which may hold whatever its anchors need. */
export function withoutExtensions(value: unknown): unknown {
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith("x-")));
}

import { isExtension } from "./config-keys.ts";

/** A file's top without its `x-` entries, which may hold whatever its anchors need. */
export function withoutExtensions(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !isExtension([], key)));
}

import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Document,
  type LineCounter,
  type Pair,
  type YAMLMap,
} from "yaml";
import type { ConfigPath } from "./problem.ts";

/** The name of a key; null when it is none. */
export function keyOf(key: unknown): string | null {
  if (!isScalar(key)) return null;
  return typeof key.value === "symbol" ? "<<" : String(key.value);
}

/** Where a node begins, in characters from the start of the file. */
export function startOf(node: unknown): number {
  if (isPair(node)) return startOf(node.key);
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0] ?? 0;
  return 0;
}

/** The line of a place: of its key where it has one, else of itself; of what holds it when it is not there. */
export function lineOf(document: Document.Parsed, lines: LineCounter, path: ConfigPath): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const part of path) {
    const holder = isAlias(node) ? node.resolve(document) : node;
    if (typeof part === "number" && isSeq(holder)) {
      node = holder.items[part];
      offset = node === undefined ? offset : startOf(node);
      continue;
    }
    const pair = isMap(holder) ? findPair(document, holder, String(part)) : null;
    if (pair === null) break;
    node = pair.value;
    offset = startOf(pair);
  }
  return lines.linePos(offset).line;
}

/** The pair with this key, in the map itself or in one that it merges. */
function findPair(document: Document.Parsed, map: YAMLMap, key: string, depth = 0): Pair | null {
  const own = map.items.find((pair) => keyOf(pair.key) === key);
  if (own || depth > 10) return own ?? null;
  for (const { key: name, value } of map.items) {
    if (keyOf(name) !== "<<") continue;
    for (const source of isSeq(value) ? value.items : [value]) {
      const merged = isAlias(source) ? source.resolve(document) : source;
      const found = isMap(merged) ? findPair(document, merged, key, depth + 1) : null;
      if (found) return found;
    }
  }
  return null;
}

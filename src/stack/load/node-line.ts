import { isMap, isNode, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import type { Step } from "./value.ts";
import type { YamlDocument } from "./yaml-document.ts";

/** The line of the place in the document, or of the nearest one around it; null for an empty document. */
export function lineOfPath(document: YamlDocument, path: readonly Step[]): number | null {
  if (document.root === null) return null;
  let node = document.behind(document.root);
  let line = document.lineOf(node);
  for (const step of path) {
    const found = find(document, node, step, new Set());
    if (found === null) return line;
    line = document.lineOf(found.at);
    if (found.value === null) return line;
    node = document.behind(found.value);
  }
  return line;
}

interface Found {
  readonly at: Node;
  readonly value: Node | null;
}

function find(document: YamlDocument, node: Node, step: Step, seen: Set<Node>): Found | null {
  if (isSeq(node)) {
    const item = typeof step === "number" ? node.items[step] : undefined;
    return isNode(item) ? { at: item, value: item } : null;
  }
  if (!isMap(node) || seen.has(node)) return null;
  seen.add(node);
  const { own, merged } = entriesOf(document, node);
  const entry = own.get(step);
  if (entry !== undefined) return entry;
  for (const source of merged) {
    const found = find(document, document.behind(source), step, seen);
    if (found !== null) return found;
  }
  return null;
}

interface Entries {
  readonly own: ReadonlyMap<unknown, Found>;
  /** What `<<` names. */
  readonly merged: readonly Node[];
}

/** A large file may have as many remarks as entries, each of which is looked for from the top. */
const KNOWN = new WeakMap<YAMLMap, Entries>();

function entriesOf(document: YamlDocument, node: YAMLMap): Entries {
  const known = KNOWN.get(node);
  if (known !== undefined) return known;
  const own = new Map<unknown, Found>();
  const merged: Node[] = [];
  for (const { key, value } of node.items) {
    const name = isNode(key) ? document.behind(key) : null;
    if (!isNode(key) || !isScalar(name)) continue;
    if (!own.has(name.value)) own.set(name.value, { at: key, value: isNode(value) ? value : null });
    if (name.value === "<<" && isNode(value)) merged.push(...mergedNodes(value));
  }
  const entries = { own, merged };
  KNOWN.set(node, entries);
  return entries;
}

function mergedNodes(value: Node): Node[] {
  return isSeq(value) ? value.items.filter(isNode) : [value];
}

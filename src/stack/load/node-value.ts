import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { resolveScalar } from "./scalar.ts";
import { isTime, print, type Mapping, type Value } from "./value.ts";
import type { YamlDocument, YamlFault } from "./yaml-document.ts";

/** The value of a document's root, or the first thing that yaml.v3 would refuse about it. */
export type NodeValue =
  | {
      readonly ok: true;
      readonly value: Value;
      readonly writtenAs: WrittenAs;
    }
  | { readonly ok: false; readonly fault: YamlFault };

/** How a number or date of a mapping is written, where it prints otherwise: 1.10 prints as 1.1. */
export type WrittenAs = (mapping: Mapping, key: string) => string | undefined;

/** Expands aliases and merge keys; how much they may make of a small file is bounded as in yaml.v3. */
export function nodeValue(document: YamlDocument): NodeValue {
  const counts = { steps: 0, aliasSteps: 0, depth: 0 };
  const reading: Reading = { document, inside: new Set(), written: new Map(), ...counts };
  const value = document.root === null ? null : read(document.root, reading);
  if (reading.fault !== undefined) return { ok: false, fault: reading.fault };
  const writtenAs: WrittenAs = (mapping, key) => reading.written.get(mapping)?.get(key);
  return { ok: true, value, writtenAs };
}

interface Reading {
  readonly document: YamlDocument;
  /** What is being expanded, to see what contains itself. */
  readonly inside: Set<Node>;
  /** The texts of scalars that print otherwise, by mapping and key. */
  readonly written: Map<Mapping, Map<string, string>>;
  steps: number;
  aliasSteps: number;
  /** How many aliases deep. */
  depth: number;
  fault?: YamlFault;
}

function read(node: unknown, reading: Reading): Value {
  if (!isNode(node) || reading.fault !== undefined) return null;
  reading.steps += 1;
  if (reading.depth > 0) reading.aliasSteps += 1;
  if (isExcessive(reading)) {
    const message =
      "aliases (*name) make the file much larger than it looks: write out what they repeat.";
    return fail(reading, { code: "yaml_aliases", line: reading.document.lineOf(node), message });
  }
  if (isAlias(node)) return expand(node, reading, (target) => read(target, reading));
  if (isMap(node)) return mapping(node, reading);
  if (isSeq(node)) return node.items.map((item) => read(item, reading));
  return isScalar(node) ? scalar(node, reading) : null;
}

/** Of all that a file is once its aliases are written out. The largest of a hundred real files has 2,000. */
const MOST_STEPS = 50_000;

/** Above 99 % from aliases is too much, less of a very large file. */
function isExcessive({ steps, aliasSteps }: Reading): boolean {
  if (aliasSteps <= 100 || steps <= 1000) return false;
  if (steps > MOST_STEPS) return true;
  const share = Math.min(1, Math.max(0, (steps - 400_000) / 3_600_000));
  return aliasSteps / steps > 0.99 - 0.89 * share;
}

function expand<T>(alias: Node, reading: Reading, use: (target: Node) => T): T | null {
  const target = reading.document.behind(alias);
  if (reading.inside.has(target)) {
    const message = "an anchor's value contains itself: take the alias (*name) out of it.";
    return fail(reading, { code: "yaml_cycle", line: reading.document.lineOf(alias), message });
  }
  reading.inside.add(target);
  reading.depth += 1;
  const result = use(target);
  reading.depth -= 1;
  reading.inside.delete(target);
  return result;
}

function scalar(node: Node, reading: Reading): Value {
  if (!isScalar(node)) return null;
  const isQuoted = node.type !== "PLAIN" && node.type !== undefined;
  const resolved = resolveScalar(textOf(node), isQuoted, node.tag);
  if (resolved.ok) return resolved.value;
  const line = reading.document.lineOf(node);
  return fail(reading, { code: "yaml_tag", line, message: `${resolved.message}: correct it.` });
}

function mapping(node: YAMLMap, reading: Reading): Value {
  if (hasDuplicate(node, reading)) return null;
  const isOdd = node.items.some(({ key }) => !isMergeKey(key) && !isStringKey(key, reading));
  const entries = new Map<string, Value>();
  fill(entries, node, reading);
  return isOdd ? { odd: true } : entries;
}

/** The mapping's own entries, then what it merges; what is there already stays. */
function fill(entries: Map<string, Value>, node: YAMLMap, reading: Reading): void {
  let merged: unknown = null;
  for (const { key, value } of node.items) {
    if (isMergeKey(key)) {
      merged = value;
      continue;
    }
    const name = keyText(key, reading);
    const child = read(value, reading);
    if (entries.has(name)) continue;
    entries.set(name, child);
    remember(entries, name, { child, value, reading });
  }
  if (merged !== null) merge(entries, merged, reading);
}

function remember(
  entries: Mapping,
  name: string,
  { child, value, reading }: { child: Value; value: unknown; reading: Reading },
): void {
  if (typeof child !== "bigint" && typeof child !== "number" && !isTime(child)) return;
  const node = isNode(value) ? reading.document.behind(value) : null;
  if (!isScalar(node) || textOf(node) === print(child)) return;
  const texts = reading.written.get(entries) ?? new Map<string, string>();
  reading.written.set(entries, texts.set(name, textOf(node)));
}

function merge(entries: Map<string, Value>, merged: unknown, reading: Reading): void {
  const sources = isSeq(merged) ? merged.items : [merged];
  for (const source of sources) {
    if (!isNode(source)) continue;
    const target = reading.document.behind(source);
    if (!isMap(target)) {
      const line = reading.document.lineOf(source);
      const message = "a merge key (<<) takes a mapping or a list of mappings: name no others.";
      fail(reading, { code: "yaml_merge", line, message });
    } else if (isAlias(source)) {
      expand(source, reading, () => fill(entries, target, reading));
    } else {
      fill(entries, target, reading);
    }
  }
}

function hasDuplicate(node: YAMLMap, reading: Reading): boolean {
  const seen = new Map<string, number>();
  for (const { key } of node.items) {
    if (!isNode(key)) continue;
    // As yaml.v3: by kind and text, so that 1 and "1" are the same key.
    const text = isScalar(key) ? `s${textOf(key)}` : `${isAlias(key)}${isMap(key)}`;
    const line = reading.document.lineOf(key);
    const before = seen.get(text);
    if (before !== undefined) {
      const name = JSON.stringify(text.slice(1));
      const message = `mapping key ${name} already defined at line ${before}: keep one of them.`;
      fail(reading, { code: "yaml_duplicate_key", line, message });
      return true;
    }
    seen.set(text, line);
  }
  return false;
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === "<<" && key.type === "PLAIN" && key.tag === undefined;
}

function isStringKey(key: unknown, reading: Reading): boolean {
  if (isAlias(key)) return isStringKey(reading.document.behind(key), reading);
  return isScalar(key) && typeof scalar(key, reading) === "string";
}

function keyText(key: unknown, reading: Reading): string {
  const target = isNode(key) ? reading.document.behind(key) : null;
  return isScalar(target) ? textOf(target) : "";
}

/** The library makes a string of each scalar, or null of an empty one. */
function textOf(node: Scalar): string {
  return typeof node.value === "string" ? node.value : "";
}

function fail(reading: Reading, fault: YamlFault): null {
  reading.fault ??= fault;
  return null;
}

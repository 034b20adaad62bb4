import {
  isAlias,
  isMap,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type YAMLMap,
} from "yaml";
import { keyOf, lineOf, startOf } from "./lines.ts";
import type { ConfigPath } from "./problem.ts";
import { quote } from "./problem.ts";
import { GO_TAGS } from "./scalars.ts";

/** A remark about the YAML itself. */
export interface SyntaxProblem {
  readonly line: number;
  readonly message: string;
}

/** A file read as YAML: its value, and the line of each place in it. */
export type YamlFile =
  | { readonly ok: true; readonly value: unknown; readonly lineOf: (path: ConfigPath) => number }
  | { readonly ok: false; readonly problems: readonly SyntaxProblem[] };

const LARGEST_FILE = 256 * 1024;
/** Line ends, commas, brackets and the like: what costs the parser time. Real files have some hundreds. */
const MOST_MARKS = 20_000;
const MOST_ALIASES = 100;
const MOST_SYNTAX_PROBLEMS = 10;

/** Reads one YAML document the way `docker stack deploy` does. Never throws, whatever the text. */
export function readYaml(text: string): YamlFile {
  if (Buffer.byteLength(text) > LARGEST_FILE) {
    return refuse(1, `the file is larger than ${LARGEST_FILE / 1024} KiB: make it smaller.`);
  }
  if ((text.match(/[\n\r,[\]{}&*!%>\\]/gu)?.length ?? 0) > MOST_MARKS) {
    return refuse(1, "the file has more entries than Skep reads: make it smaller.");
  }
  const spoilt = text.indexOf("\uFFFD");
  if (spoilt !== -1) {
    // It stands in place of bytes that are no UTF-8, and nobody writes it on purpose.
    const line = text.slice(0, spoilt).split("\n").length;
    return refuse(line, "the file is not UTF-8 from this line on: save it as UTF-8.");
  }
  const lines = new LineCounter();
  try {
    const document = parse(text, lines);
    if (countAliases(document) > MOST_ALIASES) return refuse(1, TOO_MANY_ALIASES);
    const problems = [...syntaxProblems(document, lines), ...nodeProblems(document, lines)];
    if (problems.length > 0) {
      return { ok: false, problems: problems.slice(0, MOST_SYNTAX_PROBLEMS) };
    }
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return { ok: true, value, lineOf: (path) => lineOf(document, lines, path) };
  } catch (error) {
    // What the library throws: ReferenceError for too many aliases, RangeError when its recursion runs too deep.
    return refuse(1, describeThrown(error));
  }
}

function parse(text: string, lineCounter: LineCounter): Document.Parsed {
  return parseDocument(text, {
    schema: "failsafe",
    customTags: (tags) => [...tags, ...GO_TAGS],
    merge: true,
    stringKeys: true,
    // The library compares each key with each other; `nodeProblems` does it in one pass.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter,
  });
}

const TOO_MANY_ALIASES =
  "aliases (*name) make the file much larger than it looks: write out what they repeat.";

function countAliases(document: Document.Parsed): number {
  let count = 0;
  visit(document, {
    Alias: () => {
      count += 1;
    },
  });
  return count;
}

function refuse(line: number, message: string): YamlFile {
  return { ok: false, problems: [{ line, message }] };
}

function describeThrown(error: unknown): string {
  if (error instanceof ReferenceError) {
    return TOO_MANY_ALIASES;
  }
  if (error instanceof RangeError) return "the file is nested too deeply: make it flatter.";
  const words = error instanceof Error ? error.message : String(error);
  return `${quote(words)}: correct the YAML.`;
}

function syntaxProblems(document: Document.Parsed, lines: LineCounter): readonly SyntaxProblem[] {
  return document.errors.map(({ code, message, pos }) => ({
    line: lines.linePos(pos[0]).line,
    message: `${describeSyntax(code, message)}.`,
  }));
}

function describeSyntax(code: string, message: string): string {
  if (message.startsWith("Maximum call stack"))
    return "brackets are nested too deeply: make it flatter";
  return SYNTAX_MESSAGES[code] ?? `${quote(message)}: correct the YAML on this line`;
}

const SYNTAX_MESSAGES: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "a second document begins here (---): keep only one",
  TAB_AS_INDENT: "a tab indents this line: use spaces",
  NON_STRING_KEY: "this key is not text: write a plain word",
};

/** Faults of single nodes: repeated keys, unknown aliases, tags, and keys that no map can safely hold. */
function nodeProblems(document: Document.Parsed, lines: LineCounter): readonly SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const report = (node: unknown, message: string): void => {
    problems.push({ line: lines.linePos(startOf(node)).line, message });
  };
  visit(document, {
    Node: (_, node) => {
      if (!isAlias(node) && hasOwnTag(node))
        report(node, "tags (!name) are not used here: remove it.");
    },
    Alias: (_, node) => {
      const target = node.resolve(document);
      const name = quote(node.source);
      if (target === undefined) report(node, `nothing before is named &${name}: define it first.`);
      else if (contains(target, node)) report(node, `&${name} holds itself: write it out.`);
    },
    Map: (_, map) => {
      for (const [key, message] of keyProblems(map)) report(key, message);
      for (const { key, value } of map.items) {
        if (keyOf(key) !== "<<" || isMergeable(document, value)) continue;
        report(key, "`<<` merges mappings only: write *name of a mapping after it.");
      }
    },
  });
  return problems;
}

function keyProblems(map: YAMLMap): readonly (readonly [key: unknown, message: string])[] {
  const seen = new Set<string>();
  const problems: [unknown, string][] = [];
  for (const { key } of map.items) {
    const name = keyOf(key);
    if (name === "__proto__") problems.push([key, "`__proto__` cannot be a key: rename it."]);
    if (name !== null && seen.has(name)) {
      problems.push([key, `\`${quote(name)}\` stands here a second time: keep one.`]);
    }
    if (name !== null) seen.add(name);
  }
  return problems;
}

function isMergeable(document: Document.Parsed, value: unknown): boolean {
  const sources = isSeq(value) ? value.items : [value];
  return sources.every((source) => isMap(isAlias(source) ? source.resolve(document) : source));
}

function hasOwnTag(node: Node): boolean {
  return node.tag !== undefined && !node.tag.startsWith("tag:yaml.org,2002:merge");
}

function contains(outer: Node, inner: Node): boolean {
  const [start = 0, , end = 0] = outer.range ?? [];
  const at = startOf(inner);
  return start <= at && at < end;
}

import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  type Alias,
  type Document,
  type Node,
} from "yaml";

/** Something wrong with the YAML itself. */
export interface YamlFault {
  readonly code: string;
  readonly line: number;
  readonly message: string;
}

/** A file's first document, with each alias bound to what its name meant there. */
export interface YamlDocument {
  readonly root: Node | null;
  /** What stands behind an alias; any other node is itself. */
  readonly behind: (node: Node) => Node;
  readonly lineOf: (node: Node) => number;
}

export type ReadDocument =
  | { readonly ok: true; readonly document: YamlDocument }
  | { readonly ok: false; readonly fault: YamlFault };

/** In characters. The largest of a hundred real files has 31 thousand, and all of them are read while others wait. */
const LARGEST_FILE = 256 * 1024;
const MARKS = /[\n\r,[\]{}&*!%>\\?:-]/g;
/** What the files of a stack may have together. Real ones have some hundreds, and 3,000 at most. */
export const MOST_MARKS = 20_000;
const MOST_ANCHORS = 500;
const DEEPEST = 200;

/** Line ends, commas, brackets and the like, which are what costs time. */
export function countMarks(text: string): number {
  return text.length > LARGEST_FILE ? 0 : (text.match(MARKS)?.length ?? 0);
}

/** Parses the first document; later ones are not looked at. Never throws, whatever the text. */
export function readDocument(text: string): ReadDocument {
  if (text.length > LARGEST_FILE) {
    return refuse("file_too_large", 1, "the file is larger than 256 KiB: make it smaller.");
  }
  const marks = text.match(MARKS) ?? [];
  const anchors = marks.filter((mark) => mark === "&" || mark === "*").length;
  if (marks.length > MOST_MARKS || anchors > MOST_ANCHORS) {
    return refuse(
      "file_too_large",
      1,
      "the file has more entries than Skep reads: make it smaller.",
    );
  }
  const lines = new LineCounter();
  try {
    const document = firstDocument(text, lines);
    const error = document?.errors[0];
    // The parser tells of its own recursion as of an error in the text.
    if (error !== undefined && /call stack/.test(error.message)) {
      return refuse("yaml_too_deep", 1, TOO_DEEP);
    }
    if (error !== undefined) {
      const line = lines.linePos(Math.min(error.pos[0], text.length)).line;
      return refuse("yaml_syntax", line, `${error.message}: correct the YAML.`);
    }
    return bind(document?.contents ?? null, lines);
  } catch (error) {
    if (error instanceof RangeError) return refuse("yaml_too_deep", 1, TOO_DEEP);
    // The library throws for a few texts instead of telling an error.
    const cause = error instanceof Error ? error.message : String(error);
    return refuse("yaml_syntax", 1, `this cannot be read as YAML: ${cause}. Correct it.`);
  }
}

const TOO_DEEP = `lists and mappings are nested more than ${DEEPEST} deep: make it flatter.`;

function firstDocument(text: string, lines: LineCounter): Document.Parsed | undefined {
  const composer = new Composer({
    schema: "failsafe",
    merge: false,
    // Compared in one pass later; the library compares each with each.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
    lineCounter: lines,
  });
  const tokens = new Parser(lines.addNewLine).parse(text);
  for (const document of composer.compose(tokens, false, text.length)) return document;
  return undefined;
}

/** Binds aliases in the order of the file: a name may be given again, and means the last one before. */
function bind(root: Node | null, lines: LineCounter): ReadDocument {
  const named = new Map<string, Node>();
  const bound = new Map<Alias, Node>();
  const lineOf = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line;
  let fault: YamlFault | null = null;
  const walk = (node: unknown, depth: number): void => {
    if (fault !== null) return;
    if (isAlias(node)) {
      const target = named.get(node.source);
      if (target !== undefined) return void bound.set(node, target);
      const message = `unknown anchor ${JSON.stringify(node.source)}: give it with &${node.source} further up.`;
      fault = { code: "yaml_unknown_anchor", line: lineOf(node), message };
      return;
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
    if (node.anchor !== undefined) named.set(node.anchor, node);
    if (isScalar(node)) return;
    if (depth >= DEEPEST) {
      fault = { code: "yaml_too_deep", line: lineOf(node), message: TOO_DEEP };
    } else if (isMap(node)) {
      for (const { key, value } of node.items) {
        walk(key, depth + 1);
        walk(value, depth + 1);
      }
    } else {
      for (const item of node.items) walk(item, depth + 1);
    }
  };
  walk(root, 0);
  if (fault !== null) return { ok: false, fault };
  const behind = (node: Node): Node => (isAlias(node) ? (bound.get(node) ?? node) : node);
  return { ok: true, document: { root, behind, lineOf } };
}

function refuse(code: string, line: number, message: string): ReadDocument {
  return { ok: false, fault: { code, line, message } };
}

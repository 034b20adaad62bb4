/** One pattern of a `.dockerignore`, compiled. `chars` are the code points of `path`. */
export type Glob = (path: string, chars: readonly string[]) => boolean;

// A state of the automaton. `enter` and `inside` together are what Docker writes as (.*/)? in its expressions.
type Node =
  | { readonly kind: "literal"; readonly value: string }
  | { readonly kind: "one" | "star" | "all" | "enter" | "inside" }
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly Range[] };

type Range = readonly [from: string, to: string];

/**
 * Compiles a cleaned pattern with the rules of Docker's pattern matcher; null when its syntax is wrong. Matching takes
 * time linear in pattern times path, whatever the pattern: a regular expression could be made to run for ever.
 */
export function compileGlob(pattern: string): Glob | null {
  const nodes = parse(Array.from(pattern));
  if (nodes === null) return null;
  if (nodes.every((node) => node.kind === "literal")) {
    const text = nodes.map((node) => node.value).join("");
    return (path) => path === text;
  }
  return (_path, chars) => run(nodes, chars);
}

function parse(chars: readonly string[]): Node[] | null {
  const nodes: Node[] = [];
  let at = 0;
  while (at < chars.length) {
    const char = chars[at] ?? "";
    if (char === "*" && chars[at + 1] === "*") {
      at += chars[at + 2] === "/" ? 3 : 2;
      const deep = nodes.length === 0 && chars[2] !== "/" && isPlain(chars.slice(at));
      // Docker compares a leading `**` before plain text as a suffix: `**.log` also means `a.log`.
      if (at >= chars.length || deep) nodes.push({ kind: "all" });
      else nodes.push({ kind: "enter" }, { kind: "inside" });
    } else if (char === "[") {
      const parsed = parseClass(chars, at + 1);
      if (parsed === null) return null;
      nodes.push(parsed.node);
      at = parsed.end;
    } else if (char === "\\") {
      const escaped = chars[at + 1];
      if (escaped === undefined) return null;
      nodes.push({ kind: "literal", value: escaped });
      at += 2;
    } else {
      nodes.push(
        char === "*"
          ? { kind: "star" }
          : char === "?"
            ? { kind: "one" }
            : { kind: "literal", value: char },
      );
      at++;
    }
  }
  return nodes;
}

function isPlain(chars: readonly string[]): boolean {
  return !chars.some((char) => "*?[]\\".includes(char));
}

function parseClass(
  chars: readonly string[],
  start: number,
): { readonly node: Node; readonly end: number } | null {
  let at = start;
  const negated = chars[at] === "^";
  if (negated) at++;
  const ranges: Range[] = [];
  while (chars[at] !== "]" || ranges.length === 0) {
    const from = parseClassChar(chars, at);
    if (from === null) return null;
    at = from.end;
    let to = from;
    if (chars[at] === "-") {
      const upper = parseClassChar(chars, at + 1);
      if (upper === null) return null;
      at = upper.end;
      to = upper;
    }
    ranges.push([from.value, to.value]);
  }
  return { node: { kind: "class", negated, ranges }, end: at + 1 };
}

function parseClassChar(
  chars: readonly string[],
  at: number,
): { readonly value: string; readonly end: number } | null {
  const char = chars[at];
  if (char === undefined || char === "-" || char === "]") return null;
  if (char !== "\\") return { value: char, end: at + 1 };
  const escaped = chars[at + 1];
  return escaped === undefined ? null : { value: escaped, end: at + 2 };
}

function run(nodes: readonly Node[], path: readonly string[]): boolean {
  const count = nodes.length;
  let active = new Uint8Array(count + 1);
  let next = new Uint8Array(count + 1);
  activate(nodes, active, 0);
  for (const char of path) {
    next.fill(0);
    for (let at = 0; at < count; at++) {
      const node = nodes[at];
      if (active[at] === 1 && node !== undefined) step({ nodes, node, at, char, next });
    }
    [active, next] = [next, active];
  }
  return active[count] === 1;
}

/** Makes a state active, with all that can be reached from it without reading a character. */
function activate(nodes: readonly Node[], active: Uint8Array, start: number): void {
  for (let at = start; ; at++) {
    active[at] = 1;
    const kind = nodes[at]?.kind;
    if (kind === "enter") active[++at] = 1;
    else if (kind !== "star" && kind !== "all") return;
  }
}

function step(move: {
  readonly nodes: readonly Node[];
  readonly node: Node;
  readonly at: number;
  readonly char: string;
  readonly next: Uint8Array;
}): void {
  const { nodes, node, at, char, next } = move;
  switch (node.kind) {
    case "literal":
      if (char === node.value) activate(nodes, next, at + 1);
      return;
    case "one":
      if (char !== "/") activate(nodes, next, at + 1);
      return;
    case "star":
      if (char !== "/") activate(nodes, next, at);
      return;
    case "all":
      activate(nodes, next, at);
      return;
    case "enter":
      return;
    case "inside":
      next[at] = 1;
      if (char === "/") activate(nodes, next, at + 1);
      return;
    case "class":
      if (node.ranges.some(([from, to]) => from <= char && char <= to) !== node.negated)
        activate(nodes, next, at + 1);
  }
}

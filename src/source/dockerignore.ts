import { posix } from "node:path";
import { compileGlob, type Glob } from "./glob.ts";

/** Tells whether a path (relative, `/` between its parts) stays out of the build context. */
export type Ignore = (path: string) => boolean;

/** What `parseDockerignore` found: the rules, or the line that Docker would refuse as well. */
export type Dockerignore =
  | { readonly ok: true; readonly ignore: Ignore; readonly patterns: number }
  | { readonly ok: false; readonly line: number; readonly pattern: string };

interface Rule {
  readonly glob: Glob;
  readonly isException: boolean;
}

/** Reads a `.dockerignore` as Docker does: the last matching line decides, for a path or any folder above it. */
export function parseDockerignore(text: string): Dockerignore {
  const rules: Rule[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line.startsWith("#")) continue;
    const trimmed = line.trim();
    if (trimmed === "") continue;
    const isException = trimmed.startsWith("!");
    const pattern = clean(isException ? trimmed.slice(1).trim() : trimmed);
    const glob = pattern === "" ? null : compileGlob(pattern);
    if (glob === null) return { ok: false, line: index + 1, pattern: trimmed };
    rules.push({ glob, isException });
  }
  return { ok: true, ignore: createIgnore(rules), patterns: rules.length };
}

function clean(pattern: string): string {
  if (pattern === "") return "";
  const normal = posix.normalize(pattern);
  const whole = normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
  return whole.length > 1 && whole.startsWith("/") ? whole.slice(1) : whole;
}

function createIgnore(rules: readonly Rule[]): Ignore {
  if (rules.length === 0) return () => false;
  const folders = new Map<string, Uint8Array>([["", new Uint8Array(rules.length)]]);

  // Folders are looked at once each: their paths repeat in every file below them.
  function matchesOf(folder: string): Uint8Array {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const matches = matchesUnder(folder);
    folders.set(folder, matches);
    return matches;
  }

  function matchesUnder(path: string): Uint8Array {
    const matches = Uint8Array.from(matchesOf(path.slice(0, Math.max(0, path.lastIndexOf("/")))));
    const chars = Array.from(path);
    for (const [index, rule] of rules.entries()) {
      if (matches[index] === 0 && rule.glob(path, chars)) matches[index] = 1;
    }
    return matches;
  }

  return (path) => {
    const last = matchesUnder(path).lastIndexOf(1);
    return last >= 0 && rules[last]?.isException === false;
  };
}

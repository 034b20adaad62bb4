import { lineOfPath } from "./load/node-line.ts";
import { nodeValue } from "./load/node-value.ts";
import { isList, isMapping, type Step, type Value } from "./load/value.ts";
import { readDocument } from "./load/yaml-document.ts";

/** Where something stands; null where no line can be named. */
export interface Place {
  readonly file: string;
  readonly line: number | null;
}

/**
 * Finds where a key such as `services.web.ports[0]` stands: in the last of the files that say most of it, at the place
 * itself or the nearest around it.
 */
export function createLocator(
  files: readonly { readonly path: string; readonly text: string }[],
): (key: string) => Place {
  const read = files.flatMap(({ path: file, text }) => {
    const parsed = readDocument(text);
    if (!parsed.ok) return [];
    const value = nodeValue(parsed.document);
    return value.ok ? [{ file, document: parsed.document, value: value.value }] : [];
  });
  return (key) => {
    const found = read.map((each) => ({ ...each, path: follow(each.value, key, []) }));
    const longest = Math.max(0, ...found.map(({ path }) => path.length));
    const best = found.findLast(({ path }) => path.length === longest);
    if (best === undefined) return { file: files[0]?.path ?? "", line: null };
    return { file: best.file, line: lineOfPath(best.document, best.path) };
  };
}

/** The longest path into the value that the key spells; names may hold dots themselves. */
function follow(value: Value, rest: string, path: readonly Step[]): readonly Step[] {
  let longest = path;
  for (const [step, child] of entriesOf(value)) {
    const after = rest.startsWith(`${step}`) ? rest.slice(`${step}`.length) : null;
    if (after === null || !/^(?:$|[.[\]])/u.test(after)) continue;
    const found = follow(child, after.replace(/^\]?[.[]?/u, ""), [...path, step]);
    if (found.length > longest.length) longest = found;
  }
  return longest;
}

function entriesOf(value: Value): readonly (readonly [Step, Value])[] {
  if (isMapping(value)) return [...value];
  return isList(value) ? value.map((item, index) => [index, item]) : [];
}

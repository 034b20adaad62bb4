import { lineOfPath } from "./load/node-line.ts";
import { readRoot, type ReadFile, type StackFileInput } from "./load/read-root.ts";
import { keyInFile, pathInFile } from "./load/service-file.ts";
import { isList, isMapping, keyOf, type Step, type Value } from "./load/value.ts";

/** Where something stands; null where no line can be named. */
export interface Place {
  readonly file: string;
  readonly line: number | null;
  /** As it stands in the file: that of a lone service is another than in its stack. */
  readonly key: string;
}

/**
 * Finds where a key such as `services.web.ports[0]` stands: in the last of the files that say most of it, at the place
 * itself or the nearest around it.
 */
export function createLocator(files: readonly StackFileInput[]): (key: string) => Place {
  // Mostly there is nothing to tell, and so the files are not parsed again before there is.
  let read: readonly ReadFile[] | null = null;
  return (key) => {
    read ??= files.map(readRoot).flatMap((file) => ("root" in file ? [file] : []));
    const found = read.map((each) => ({ ...each, steps: follow(each.root, key, []) }));
    const longest = Math.max(0, ...found.map(({ steps }) => steps.length));
    const best = found.findLast(({ steps }) => steps.length === longest);
    if (best === undefined) return { file: files[0]?.path ?? "", line: null, key };
    const { path: file, service, document, steps } = best;
    if (service === null) return { file, line: lineOfPath(document, steps), key };
    const line = lineOfPath(document, pathInFile(service, steps));
    return { file, line, key: keyInFile(service, keyOf(service.place), key) };
  };
}

/** The longest path into the value that the key spells; names may hold dots themselves. */
function follow(value: Value, rest: string, path: readonly Step[]): readonly Step[] {
  let longest = path;
  for (const [step, child] of stepsInto(value, rest)) {
    const after = rest.slice(`${step}`.length);
    const found = follow(child, after.replace(/^\]?[.[]?/u, ""), [...path, step]);
    if (found.length > longest.length) longest = found;
  }
  return longest;
}

/** The entries with whose names the key begins. */
function stepsInto(value: Value, key: string): readonly (readonly [Step, Value])[] {
  if (isList(value)) {
    const index = Number(/^\d+(?=$|[.[\]])/u.exec(key)?.[0]);
    const item = value[index];
    return item === undefined ? [] : [[index, item]];
  }
  if (!isMapping(value)) return [];
  const names = [...key.matchAll(/$|[.[\]]/gu)].map(({ index }) => index);
  if (names.length > value.size) {
    return [...value].filter(
      ([name]) => key.startsWith(name) && /^(?:$|[.[\]])/u.test(key.slice(name.length)),
    );
  }
  return names.flatMap((end): [Step, Value][] => {
    const name = key.slice(0, end);
    const child = value.get(name);
    return child === undefined ? [] : [[name, child]];
  });
}

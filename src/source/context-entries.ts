import type { Clock } from "../clock.ts";
import type { Dockerignore } from "./dockerignore.ts";
import { normalizePath, type TreeEntry } from "./tree.ts";

/** An entry of a Git tree with its name as text, for matching and messages. */
export interface NamedEntry extends TreeEntry {
  readonly path: string;
}

// Longer link targets cannot exist in a file system.
const LINK_LIMIT = 4095;
// Between two pauses for other work: some 10 ms of matching.
const MATCHES_PER_TURN = 20_000;

/** Leaves out what no checkout would hold: submodules, names such as `..` that Git itself refuses, endless links. */
export function nameEntries(entries: readonly TreeEntry[]): NamedEntry[] {
  return entries
    .map((entry) => ({ ...entry, path: entry.name.toString("utf8") }))
    .filter(
      (entry) =>
        entry.kind !== "submodule" &&
        normalizePath(entry.path) === entry.path &&
        !(entry.kind === "symlink" && entry.size > LINK_LIMIT),
    );
}

/**
 * The entries that belong to the context, in order: what `.dockerignore` leaves, what is named in `always`, and the
 * folders above them. Takes turns with other work, because the patterns are somebody else's.
 */
export async function selectEntries(
  entries: readonly NamedEntry[],
  rules: Extract<Dockerignore, { readonly ok: true }>,
  options: { readonly always: ReadonlySet<string>; readonly clock: Clock },
): Promise<NamedEntry[]> {
  if (rules.patterns === 0) return [...entries];
  const kept: NamedEntry[] = [];
  const perTurn = Math.max(1, Math.floor(MATCHES_PER_TURN / rules.patterns));
  let above: NamedEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    if (index % perTurn === perTurn - 1) await options.clock.sleep(0);
    above = above.filter((folder) => entry.path.startsWith(`${folder.path}/`));
    if (rules.ignore(entry.path) && !options.always.has(entry.path)) {
      if (entry.kind === "directory") above.push(entry);
      continue;
    }
    // An ignored folder is there after all when something in it is not ignored.
    kept.push(...above, entry);
    above = [];
  }
  return kept;
}

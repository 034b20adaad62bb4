import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";

/** Larger than anything a stack file names on purpose (Swarm takes 1 MB at most). */
const LARGEST_FILE = 16 * 1024 * 1024;

/**
 * Reads files named relative to a folder: regular ones, and with a root none outside of it, through whatever links.
 * Null for everything else.
 */
export function createTreeReader(
  folder: string,
  root: string | null,
): (path: string) => Uint8Array | null {
  return (path) => {
    try {
      const real = realpathSync(resolve(folder, path));
      if (root !== null && !real.startsWith(withEnd(realpathSync(root)))) return null;
      const found = statSync(real);
      return found.isFile() && found.size <= LARGEST_FILE ? readFileSync(real) : null;
    } catch {
      // Not there, not readable, or not a path at all: the same to the stack that names it.
      return null;
    }
  };
}

function withEnd(path: string): string {
  return path.endsWith(sep) ? path : `${path}${sep}`;
}

/** The Git checkout that a folder lies in; the folder itself when there is none. */
export function findTree(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return at;
    if (dirname(at) === at) return folder;
  }
}

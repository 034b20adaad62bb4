import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Where the mirror of a repository is. Its name may change, its id never does. */
export function mirrorDir(dir: string, repositoryId: number): string {
  return join(dir, `${repositoryId}.git`);
}

const LEFTOVER = /\.lock$|\.keep$|^tmp_/;
// A branch may be called `tmp_x` or `x.keep`; nothing in Git may end in `.lock`.
const LEFTOVER_REF = /\.lock$/;

/**
 * Removes the lock files and half-written packs of git processes that were killed. Only for a mirror that no process
 * uses. What is not there is no error.
 */
export async function removeLeftovers(gitDir: string): Promise<void> {
  const [top, objects, packs, refs] = await Promise.all([
    list(gitDir),
    list(join(gitDir, "objects", "info")),
    list(join(gitDir, "objects", "pack")),
    list(join(gitDir, "refs"), true),
  ]);
  const leftovers = [
    ...[...top, ...objects, ...packs].filter((file) => LEFTOVER.test(file.name)),
    ...refs.filter((file) => LEFTOVER_REF.test(file.name)),
  ];
  await Promise.all(leftovers.map((file) => rm(join(file.parentPath, file.name), { force: true })));
}

/** How many packs a mirror consists of; 0 when it cannot be read. */
export async function countPacks(gitDir: string): Promise<number> {
  const packs = await list(join(gitDir, "objects", "pack"));
  return packs.filter((file) => file.name.endsWith(".pack")).length;
}

async function list(dir: string, recursive = false) {
  const entries = await readdir(dir, { withFileTypes: true, recursive }).catch(() => []);
  return entries.filter((entry) => entry.isFile());
}

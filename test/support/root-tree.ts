import { access, constants, lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { RootFile } from "../../sandbox/image/root-files.ts";

/**
 * What is at `source` on this machine, as an entry of an image that has it at `path`; `undefined` when nothing is
 * there, when it is not for us to read, or when it is neither file, folder nor link.
 */
export async function readRootFile(source: string, path: string): Promise<RootFile | undefined> {
  const stats = await lstat(source).catch(() => undefined);
  if (stats?.isDirectory()) return { kind: "folder", path, mode: stats.mode & 0o7777 };
  if (stats?.isSymbolicLink()) return { kind: "link", path, target: await readlink(source) };
  const isReadable = await access(source, constants.R_OK).then(
    () => true,
    () => false,
  );
  return stats?.isFile() && isReadable
    ? { kind: "copy", path, source, size: stats.size }
    : undefined;
}

/** A file, or a folder and all that is in it, for an image that has it at `path`. */
export async function listTree(source: string, path: string): Promise<readonly RootFile[]> {
  const top = await readRootFile(source, path);
  const names =
    top?.kind === "folder" ? (await readdir(source, { recursive: true })).toSorted() : [];
  const inside = await Promise.all(
    names.map((name) => readRootFile(join(source, name), join(path, name))),
  );
  return [top, ...inside].filter((file) => file !== undefined);
}

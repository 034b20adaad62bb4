import { posix } from "node:path";
import type { Lookup } from "./template.ts";

/** Where relative paths of all files start: the first one's folder. */
export function folderOf(file: string): string {
  return posix.dirname(file);
}

/** The source of a bind mount as the CLI sends it: `~` is HOME, relative to the folder. */
export function bindSource(source: string, folder: string, lookup: Lookup): string {
  const home = source.startsWith("~") ? lookup("HOME") : undefined;
  const path = home === undefined ? source : `${home}${source.slice(1)}`;
  if (posix.isAbsolute(path) || isWindowsPath(path)) return path;
  const joined = posix.join(folder, path);
  return joined.length > 1 && joined.endsWith("/") ? joined.slice(0, -1) : joined;
}

/** Whether the path is an absolute one of a Windows node. */
export function isWindowsPath(path: string): boolean {
  return /^(?:[A-Za-z]:|[\\/]{2}[^\\/.][^\\/]*[\\/][^\\/.][^\\/]*)[\\/]/.test(path);
}

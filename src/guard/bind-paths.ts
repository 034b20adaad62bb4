import { posix } from "node:path";
import type { AllowedBind } from "./rules.ts";

/** Who reaches these has the whole node: they are mounted only where the operator names the very path. */
const POWERFUL = [
  "/boot",
  "/dev",
  "/etc",
  "/proc",
  "/root",
  "/run/containerd",
  "/run/docker.sock",
  "/sys",
  "/var/lib/containerd",
  "/var/lib/docker",
];

/** A path of a node, tidied; null for what is none or cannot be judged. */
export function tidyPath(text: string): string | null {
  if (!text.startsWith("/") || text.includes("\0") || text.includes("{{")) return null;
  // `//` at the start is a path of its own to POSIX, but not to Linux.
  const path = posix.normalize(text.replace(/^\/+/u, "/")).replace(/(?<=.)\/+$/u, "");
  // Everywhere a link, and so one place with two names.
  return path === "/var/run" || path.startsWith("/var/run/") ? path.slice("/var".length) : path;
}

/** The share of an NFS server in the form in which it is allowed, `host:/path`; null when it cannot be told. */
export function tidyShare(device: string, addresses: readonly string[]): string | null {
  const colon = device.indexOf(":/");
  if (colon === -1 || addresses.length > 1) return null;
  const host = addresses[0] ?? device.slice(0, colon);
  const path = tidyPath(device.slice(colon + 1));
  if (path === null || host === "" || !/^[\w.:[\]-]+$/u.test(host)) return null;
  return `${host.toLowerCase()}:${posix.normalize(device.slice(colon + 1)).replace(/(?<=.)\/+$/u, "")}`;
}

/** The entry that allows a tidied path or share; null when none does. */
export function allowedBind(entries: readonly AllowedBind[], path: string): AllowedBind | null {
  const named = entries.find((entry) => entry.path === path);
  if (named !== undefined || isPowerful(path)) return named ?? null;
  const around = entries.find((entry) => entry.hasSubfolders && isInside(path, entry.path));
  return around ?? null;
}

function isPowerful(path: string): boolean {
  return POWERFUL.some((place) => place === path || isInside(place, path) || isInside(path, place));
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

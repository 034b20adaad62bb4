/**
 * An image's name as a part of a path of the engine's API, its slashes kept; null when it would lead elsewhere, and so
 * is no image's name.
 */
export function imagePath(name: string): string | null {
  const path = name.split("/").map(encodeURIComponent).join("/");
  return /(?:^|\/)\.{0,2}(?:\/|$)/u.test(path) ? null : path;
}

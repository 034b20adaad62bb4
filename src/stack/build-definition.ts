import { posix } from "node:path";
import type { BuildDefinition } from "../release.ts";
import type { StackBuild } from "./model.ts";

/** What to build, or which key is wrong and why. */
export type ResolvedBuild =
  | { readonly ok: true; readonly definition: BuildDefinition }
  | { readonly ok: false; readonly key: "context" | "dockerfile"; readonly message: string };

const REMOTE = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/)/iu;
const CONTROL = /\p{Cc}/u;

/** What a `build` means where relative paths start at this folder of the repository. */
export function resolveBuild(build: StackBuild, folder: string): ResolvedBuild {
  const { context: said = ".", dockerfile = "Dockerfile", args = {}, target = null } = build;
  if (REMOTE.test(said)) {
    const message = `${JSON.stringify(said)} is elsewhere: Skep builds from a folder of the commit; name one.`;
    return { ok: false, key: "context", message };
  }
  const context = tidyInside(posix.join(folder, said || "."));
  if (context === null || posix.isAbsolute(said)) {
    return { ok: false, key: "context", message: `${JSON.stringify(said)} ${OUTSIDE}` };
  }
  const file = tidyInside(dockerfile);
  if (file === null || file === "." || posix.isAbsolute(dockerfile)) {
    const message = `${JSON.stringify(dockerfile)} is no file inside the context: name one, relative to the context.`;
    return { ok: false, key: "dockerfile", message };
  }
  return { ok: true, definition: { context, dockerfile: file, args, target } };
}

const OUTSIDE = "leaves the repository: name a folder of it, relative to the file.";

/** The path without detours; null where it leads out of where it starts. */
export function tidyInside(path: string): string | null {
  const tidy = posix.normalize(path).replace(/(?<=.)\/$/u, "");
  return tidy === ".." || tidy.startsWith("../") || CONTROL.test(tidy) ? null : tidy;
}

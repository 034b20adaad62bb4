import type { GuardedService } from "./bodies.ts";
import { ask, type GuardedObject, type GuardView, show } from "./finding.ts";
import { isLike } from "./patterns.ts";

/** The registry of images whose name begins with none. */
export const DEFAULT_REGISTRY = "default";
/** Not a registry: what this engine built, for whichever repository. */
const BUILT_HERE = "localhost";

/** Which images may run. What Skep builds itself has no name yet, and needs none. */
export function checkImage(view: GuardView, { key, body }: GuardedObject<GuardedService>): void {
  const image = body.TaskTemplate.ContainerSpec.Image;
  if (image === "") return;
  const place = `${key}.image`;
  if (/^(?:[a-z0-9]+:)?[a-f0-9]{32,}$/iu.test(image)) {
    view.refuse(place, `runs an image by its ID, ${show(image)}`, "Write the image's name");
    return;
  }
  const parts = partsOf(image);
  if (view.rules.registries.some((pattern) => isRegistryLike(pattern, parts))) return;
  view.refuse(
    place,
    `runs the image ${show(image)} from a registry that the operator does not allow`,
    ask("registries", show(parts[0] ?? "")),
  );
}

/** Registry and path of an image's name, without tag and digest. */
function partsOf(image: string): readonly string[] {
  const [name = ""] = image.split("@");
  const parts = name.replace(/:[^/:]*$/u, "").split("/");
  const [first = ""] = parts;
  const hasRegistry =
    parts.length > 1 &&
    (/[.:]/u.test(first) || first === BUILT_HERE || first !== first.toLowerCase());
  const full = hasRegistry ? parts : [DEFAULT_REGISTRY, ...parts];
  return full.map((part) => part.toLowerCase());
}

/** A pattern may end early: all that is below is meant too. */
function isRegistryLike(pattern: string, parts: readonly string[]): boolean {
  const patterns = pattern.toLowerCase().split("/");
  if (parts[0] === BUILT_HERE && patterns[0] !== BUILT_HERE) return false;
  return (
    patterns.length <= parts.length &&
    patterns.every((part, index) => isLike(part, parts[index] ?? ""))
  );
}

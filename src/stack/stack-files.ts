import { posix } from "node:path";
import type { ReleaseFile } from "../release.ts";
import { asFileSpec } from "./api-bodies.ts";
import { tidyInside } from "./build-definition.ts";
import { contentKeyOf } from "./content-key.ts";
import { fullNameIn } from "./convert/conversion.ts";
import { compareBytes, sortedEntries, type Body } from "./convert/go-json.ts";
import type { StackFileObject } from "./model.ts";

/** What the configs or secrets of a stack are made with. */
interface Use {
  readonly stackName: string;
  readonly serverKey: Uint8Array;
  /** Folder of the repository where their paths start. */
  readonly folder: string;
  /** By full name, as `docker stack deploy` would send them. */
  readonly bodies: Readonly<Record<string, Body>>;
}

/** The configs or the secrets that a stack owns, sorted by name. Keys that lead to one name are one. */
export function releaseFiles(
  objects: Readonly<Record<string, StackFileObject>>,
  { stackName, serverKey, folder, bodies }: Use,
): readonly ReleaseFile[] {
  const files = new Map<string, ReleaseFile>();
  for (const [key, object] of sortedEntries(objects)) {
    const cliName = fullNameIn(stackName, key, object);
    if (object.isExternal === true || files.has(cliName)) continue;
    const { Data: _, ...spec } = asFileSpec(bodies[cliName]);
    const data = object.driver ? null : (object.data ?? null);
    const contentKey = contentKeyOf(serverKey, {
      data,
      templating: spec.Templating?.Name ?? null,
      driver: spec.Driver ?? null,
    });
    const path = data === null ? null : pathOf(object, folder);
    files.set(cliName, { key, cliName, contentKey, path, bytes: data?.length ?? 0, spec });
  }
  return [...files.values()].toSorted((one, other) => compareBytes(one.cliName, other.cliName));
}

function pathOf({ file = "" }: StackFileObject, folder: string): string | null {
  return tidyInside(posix.isAbsolute(file) ? file : posix.join(folder, file));
}

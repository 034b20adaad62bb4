import type { ConvertRemark } from "./convert/conversion.ts";
import { convertStack, type StackObjects } from "./convert/convert-stack.ts";
import { loadStack } from "./load/load-stack.ts";
import { createLocator } from "./locate.ts";
import type { StackRemark } from "./model.ts";

/** A stack's files, and all that decides what they mean. */
export interface ObjectsRequest {
  /** The stack's name, before every object's own. */
  readonly name: string;
  /** In the order of merging; relative paths in all of them start at the first one's folder. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** The bytes of a file that the stack names, or null; must refuse what the stack may not read. */
  readonly readFile: (path: string) => Uint8Array | null;
  readonly variables: Readonly<Record<string, string>>;
  /** Exactly as `docker stack deploy`, its faults included. */
  readonly asCli: boolean;
}

/** Either every object with the notes on what Skep does otherwise, or every reason why there is none. */
export type ObjectsResult =
  | { readonly ok: true; readonly objects: StackObjects; readonly notes: readonly StackRemark[] }
  | { readonly ok: false; readonly problems: readonly StackRemark[] };

/** The API bodies that a stack's files ask for. Touches no engine and never throws. */
export function stackObjects(request: ObjectsRequest): ObjectsResult {
  const { name, files, asCli } = request;
  const loaded = loadStack(request);
  if (!loaded.ok) return loaded;
  const converted = convertStack(loaded.model, { name, asCli });
  const placed = (remarks: readonly ConvertRemark[]): readonly StackRemark[] => {
    // The files are parsed again for this, and mostly there is nothing to tell.
    if (remarks.length === 0) return [];
    const locate = createLocator(files);
    return remarks.map((remark) => ({ ...remark, ...locate(remark.key) }));
  };
  return converted.ok
    ? { ok: true, objects: converted.objects, notes: [...loaded.notes, ...placed(converted.notes)] }
    : { ok: false, problems: placed(converted.problems) };
}

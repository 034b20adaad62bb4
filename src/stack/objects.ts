import type { ReleaseFile, StackDraft } from "../release.ts";
import { SKEP_LABELS } from "../swarm-objects.ts";
import { contentName } from "./content-key.ts";
import { withFileNames, type Renames } from "./content-names.ts";
import type { ConvertRemark } from "./convert/conversion.ts";
import { convertStack, type StackObjects } from "./convert/convert-stack.ts";
import type { Body } from "./convert/go-json.ts";
import { bindImages, draftLoaded, type BoundImage } from "./draft.ts";
import { loadStack } from "./load/load-stack.ts";
import type { ReadNamedFile } from "./load/named-file.ts";
import type { StackFileInput } from "./load/read-root.ts";
import { createLocator } from "./locate.ts";
import type { StackRemark } from "./model.ts";

/** A stack's files, and all that decides what they mean. */
export interface ObjectsRequest {
  /** The stack's name, before every object's own. */
  readonly name: string;
  /** In the order of merging; relative paths in all of them start at the first one's folder. */
  readonly files: readonly StackFileInput[];
  /** That folder within its repository, for what is built; left out, as it is. */
  readonly repositoryFolder?: string;
  /** Must refuse what the stack may not read. */
  readonly readFile: ReadNamedFile;
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
  return request.asCli ? cliObjects(request) : ownObjects(request);
}

function cliObjects(request: ObjectsRequest): ObjectsResult {
  const loaded = loadStack(request);
  if (!loaded.ok) return loaded;
  const converted = convertStack(loaded.model, { name: request.name, asCli: true });
  // Nothing is done otherwise, and so there is nothing to note.
  if (converted.ok) return { ok: true, objects: converted.objects, notes: [] };
  const locate = createLocator(request.files);
  const problems = converted.problems.map((each) => ({ ...each, ...locate(each.key) }));
  return { ok: false, problems };
}

/** As Skep would create them anew, with what only a server knows left out: its key, and the images that it builds. */
function ownObjects(request: ObjectsRequest): ObjectsResult {
  const result = draftLoaded({ ...request, serverKey: new Uint8Array() });
  if (!result.ok) return result;
  const { draft, objects, locate } = result;
  const notes: ConvertRemark[] = [];
  const note = (remark: ConvertRemark): void => void notes.push(remark);
  const names = {
    configs: contentNames("configs", draft.configs, note),
    secrets: contentNames("secrets", draft.secrets, note),
  };
  const { services } = bindImages(draft, imagesOf(draft, request.name, note));
  const own: StackObjects = {
    networks: objects.networks,
    configs: newFiles(draft.configs, objects.configs),
    secrets: newFiles(draft.secrets, objects.secrets),
    services: byName(services.map(({ spec }) => withFileNames(spec, names))),
  };
  const placed = notes.map((each) => ({ ...each, ...locate(each.key) }));
  return { ok: true, objects: own, notes: [...result.notes, ...placed] };
}

type Note = (remark: ConvertRemark) => void;

function imagesOf(draft: StackDraft, stack: string, note: Note): Record<string, BoundImage> {
  const images = draft.services.map(({ key, spec, build }): [string, BoundImage] => {
    const given = { buildKey: null, digest: null, imageId: null, platforms: null };
    if (build === null) {
      const reference = spec.Labels["com.docker.stack.image"] ?? "";
      const runs = spec.TaskTemplate.ContainerSpec.Image;
      return [key, { image: { ...given, reference }, runs }];
    }
    note({
      code: "build_honoured",
      key: `services.${key}.build`,
      message: `Skep builds this image from ${build.context} and names it by its content: docker stack deploy does not build.`,
    });
    const reference = `localhost/${stack}/${key}:built`;
    return [key, { image: { ...given, reference }, runs: reference }];
  });
  return Object.fromEntries(images);
}

function contentNames(kind: string, files: readonly ReleaseFile[], note: Note): Renames {
  return new Map(
    files.map(({ key, cliName, contentKey }) => {
      note({
        code: "content_name",
        key: `${kind}.${key}`,
        message: `a new content gets a new name, so that it can change: the server's own key decides the digits after ${cliName}_.`,
      });
      return [cliName, contentName(cliName, contentKey)];
    }),
  );
}

function newFiles(
  files: readonly ReleaseFile[],
  bodies: Readonly<Record<string, Body>>,
): Record<string, Body> {
  return byName(
    files.map(({ cliName, contentKey, spec }) => ({
      ...bodies[cliName],
      Name: contentName(cliName, contentKey),
      Labels: { ...spec.Labels, [SKEP_LABELS.content]: contentKey },
    })),
  );
}

function byName<T extends { readonly Name: string }>(bodies: readonly T[]): Record<string, Body> {
  return Object.fromEntries(bodies.map((body) => [body.Name, { ...body }]));
}

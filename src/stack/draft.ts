import { posix } from "node:path";
import type { ReleaseImage, ReleaseService, ReleaseStack, StackDraft } from "../release.ts";
import { STACK_LABELS, type ServiceSpec } from "../swarm-objects.ts";
import { asNetworkSpec } from "./api-bodies.ts";
import { tidyInside } from "./build-definition.ts";
import type { ConvertRemark } from "./convert/conversion.ts";
import { convertStack, type StackObjects } from "./convert/convert-stack.ts";
import { own, sortedEntries } from "./convert/go-json.ts";
import { draftServices } from "./draft-services.ts";
import { externalNames } from "./external-names.ts";
import { folderOf } from "./load/folder.ts";
import { loadStack, type LoadRequest } from "./load/load-stack.ts";
import type { FileFault, ReadNamedFile } from "./load/named-file.ts";
import type { StackFileInput } from "./load/read-root.ts";
import type { LoneNetwork } from "./load/service-file.ts";
import { createLocator, type Place } from "./locate.ts";
import type { StackRemark } from "./model.ts";
import { releaseFiles } from "./stack-files.ts";

/** What a commit says of a stack, and all that decides what it means. */
export interface DraftRequest {
  /** Before every object's own name. */
  readonly stackName: string;
  /** In the order of merging; paths from the root of the repository. */
  readonly files: readonly StackFileInput[];
  /** Folder of the app, where relative paths start when the first file has a lone service; else its own folder. */
  readonly appPath: string;
  /** Called with the path as it is written, which starts at that folder and never leaves the repository. */
  readonly readFile: ReadNamedFile;
  readonly variables: Readonly<Record<string, string>>;
  /** What contents of configs and secrets are told by. */
  readonly serverKey: Uint8Array;
  /** What a lone service joins that names no network. */
  readonly defaultNetwork: LoneNetwork;
}

/** A stack with what Skep does otherwise than `docker stack deploy`, or every reason why there is none. */
export type DraftResult =
  | {
      readonly ok: true;
      readonly draft: StackDraft;
      readonly notes: readonly StackRemark[];
      /** Where a key such as `services.web.ports[0]` stands. */
      readonly locate: (key: string) => Place;
    }
  | { readonly ok: false; readonly problems: readonly StackRemark[] };

/** The stack that a commit's files describe. Touches no engine, and never throws. */
export function draftStack(request: DraftRequest): DraftResult {
  const { files, appPath, stackName, serverKey, variables, defaultNetwork } = request;
  const [first] = files;
  const folder = first === undefined || first.service ? appPath : folderOf(first.path);
  return draftLoaded({
    files,
    folder,
    variables,
    serverKey,
    name: stackName,
    loneNetwork: defaultNetwork,
    readFile: (path) => {
      const isInside = !posix.isAbsolute(path) && tidyInside(posix.join(folder, path)) !== null;
      return isInside ? request.readFile(path) : outside(path);
    },
    asCli: false,
  });
}

function outside(path: string): FileFault {
  const message = `${JSON.stringify(path)} leaves the repository: name a file inside of it.`;
  return { code: "missing_file", message };
}

/** What a draft is made of: what is loaded, with the stack's name and the server's key. */
export interface DraftLoading extends LoadRequest {
  readonly name: string;
  readonly serverKey: Uint8Array;
}

/** A draft with the bodies of which it is made, by full name. */
export type LoadedDraft =
  | (Extract<DraftResult, { readonly ok: true }> & { readonly objects: StackObjects })
  | Extract<DraftResult, { readonly ok: false }>;

/** Likewise, for files that may lie anywhere. */
export function draftLoaded(request: DraftLoading): LoadedDraft {
  const { name, files } = request;
  const loaded = loadStack(request);
  if (!loaded.ok) return loaded;
  const converted = convertStack(loaded.model, { name, asCli: false });
  const locate = createLocator(files);
  const place = (remark: ConvertRemark): StackRemark => ({ ...remark, ...locate(remark.key) });
  if (!converted.ok) {
    const problems = converted.problems.map((problem) => place(withAdvice(problem, files)));
    return { ok: false, problems };
  }
  const { model, builds } = loaded;
  const { objects } = converted;
  const { services, notes: defaults } = draftServices(model, {
    builds,
    bodyOf: (key) => objects.services[`${name}_${key}`],
  });
  const draft: StackDraft = {
    services,
    networks: sortedEntries(objects.networks).map(([, body]) => asNetworkSpec(body)),
    configs: filesOf("configs"),
    secrets: filesOf("secrets"),
    external: externalNames(model),
  };
  const notes = [...loaded.notes, ...[...converted.notes, ...defaults].map(place)];
  return { ok: true, draft, notes, locate, objects };

  function filesOf(kind: "configs" | "secrets"): StackDraft["configs"] {
    const folder = request.repositoryFolder ?? request.folder ?? folderOf(files[0]?.path ?? "");
    const { serverKey } = request;
    return releaseFiles(model[kind], { stackName: name, serverKey, folder, bodies: objects[kind] });
  }
}

const LONE_ADVICE =
  "; a lone service cannot declare any: describe the app by Compose files (`stack`) instead";

/** A lone service has no top level where it could say more. */
function withAdvice(problem: ConvertRemark, files: readonly StackFileInput[]): ConvertRemark {
  const isLone = files.every(({ service }) => service !== undefined);
  const isUndefined = problem.code.startsWith("undefined_");
  return isLone && isUndefined
    ? { ...problem, message: `${problem.message}${LONE_ADVICE}` }
    : problem;
}

/** An image as a release keeps it, and what `ContainerSpec.Image` says of it. */
export interface BoundImage {
  readonly image: ReleaseImage;
  readonly runs: string;
}

/** The draft with what each service runs, by the service's key. Throws for a service that has none: it was not built. */
export function bindImages(
  draft: StackDraft,
  images: Readonly<Record<string, BoundImage>>,
): ReleaseStack {
  const services = draft.services.map(({ key, spec, dependsOn }): ReleaseService => {
    const bound = own(images, key);
    if (bound === undefined) throw new Error(`service ${key} has no image`);
    return { key, spec: withImage(spec, bound), image: bound.image, dependsOn };
  });
  const { networks, configs, secrets, external } = draft;
  return { services, networks, configs, secrets, external };
}

function withImage(spec: ServiceSpec, { image, runs }: BoundImage): ServiceSpec {
  const { TaskTemplate: task } = spec;
  return {
    ...spec,
    Labels: { ...spec.Labels, [STACK_LABELS.image]: image.reference },
    TaskTemplate: { ...task, ContainerSpec: { ...task.ContainerSpec, Image: runs } },
  };
}

import { posix } from "node:path";
import type { RepositoryRef } from "../deployment.ts";
import { CONFIG_PATH } from "../policy/read-config.ts";
import type { RepositoryConfig } from "../policy/config/config.ts";
import type { Source } from "../source/ports.ts";
import { draftStack, type DraftRequest, type DraftResult } from "../stack/draft.ts";

/** What a stack is read for. */
export interface StackReading {
  readonly source: Source;
  readonly repository: RepositoryRef;
  readonly sha: string;
  readonly version: string;
  readonly environment: string;
  readonly stackName: string;
  readonly config: RepositoryConfig;
  /** The text of `.github/skep.yml` at the commit; null when there is none. */
  readonly configText: string | null;
  readonly serverKey: Uint8Array;
  /** Overlay network that a lone service joins when it names none; null for no network. */
  readonly defaultNetwork: string | null;
}

/** A stack names a handful of files; more than this is a slip or an attack. */
const MOST_FILES = 500;

/** The stack that a commit describes for an environment; a file that it names and that is not there is a problem of it. */
export async function readStack(reading: StackReading): Promise<DraftResult> {
  const { config, environment } = reading;
  const place = config.environments.find(({ name }) => name === environment);
  const found = await findFiles(reading, place?.stack ?? null);
  if (!found.ok) return found;
  const { files, folder } = found;
  return await draftWithFiles(reading, folder, {
    stackName: reading.stackName,
    files,
    appPath: config.app.path,
    variables: { ...place?.variables, ...ownVariables(reading) },
    serverKey: reading.serverKey,
    defaultNetwork: defaultNetworkOf(reading),
  });
}

/** What every stack may use of the deployment that it is for. */
function ownVariables({ sha, version, environment }: StackReading): Record<string, string> {
  return { SKEP_COMMIT: sha, SKEP_VERSION: version, SKEP_ENVIRONMENT: environment };
}

function defaultNetworkOf({
  config,
  defaultNetwork,
}: StackReading): DraftRequest["defaultNetwork"] {
  if (config.app.content.kind === "stack") return "own";
  return defaultNetwork === null ? null : { external: defaultNetwork };
}

type FoundFiles =
  | {
      readonly ok: true;
      readonly files: DraftRequest["files"];
      /** Where the paths in them begin. */
      readonly folder: string;
    }
  | Extract<DraftResult, { readonly ok: false }>;

async function findFiles(
  reading: StackReading,
  ownPaths: readonly string[] | null,
): Promise<FoundFiles> {
  const { source, repository, sha, config, configText } = reading;
  const { name, path, content } = config.app;
  const paths = ownPaths ?? (content.kind === "stack" ? content.paths : null);
  if (paths === null) {
    // The short form: no file describes the service, so that its folder does.
    const text = content.kind === "service" ? configText : "build: .\n";
    const service = { name, place: content.kind === "service" ? content.place : [] };
    const file = { path: CONFIG_PATH, text: text ?? "", service };
    return { ok: true, files: [file], folder: path };
  }
  const texts = await Promise.all(paths.map((each) => source.readFile(repository, sha, each)));
  const missing = paths.filter((_, index) => texts[index] === null);
  if (missing.length > 0) return { ok: false, problems: missing.map(noFile) };
  const files = paths.map((each, index) => ({ path: each, text: texts[index] ?? "" }));
  return { ok: true, files, folder: posix.dirname(paths[0] ?? "") };
}

function noFile(path: string): Extract<DraftResult, { ok: false }>["problems"][number] {
  return {
    code: "missing_file",
    file: CONFIG_PATH,
    line: null,
    key: "stack",
    message: `there is no file ${path} in this commit: add it, or correct \`stack\`.`,
  };
}

/** Drafts again and again, each time with the files that the draft before asked for, until it asks for no more. */
async function draftWithFiles(
  { source, repository, sha }: StackReading,
  folder: string,
  request: Omit<DraftRequest, "readFile">,
): Promise<DraftResult> {
  const known = new Map<string, Uint8Array | null>();
  for (;;) {
    const asked = new Set<string>();
    const result = draftStack({
      ...request,
      readFile: (path) => {
        const bytes = known.get(path);
        if (bytes !== undefined) return bytes;
        asked.add(path);
        return known.size + asked.size > MOST_FILES ? null : new Uint8Array();
      },
    });
    if (asked.size === 0 || known.size + asked.size > MOST_FILES) return result;
    await Promise.all(
      [...asked].map(async (path) => {
        const bytes = await source.readBytes(repository, sha, posix.join(folder, path));
        known.set(path, posix.isAbsolute(path) ? null : bytes);
      }),
    );
  }
}

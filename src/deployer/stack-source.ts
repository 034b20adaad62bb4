import { posix } from "node:path";
import type { RepositoryRef } from "../deployment.ts";
import { CONFIG_PATH } from "../policy/read-config.ts";
import type { RepositoryConfig } from "../policy/config/config.ts";
import type { Source } from "../source/ports.ts";
import { draftStack, type DraftRequest, type DraftResult } from "../stack/draft.ts";
import { readText } from "../stack/read-text.ts";
import { lineOfStackPath } from "./stack-path-line.ts";
import { readTreeFile } from "./tree-file.ts";

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
/** All of them are in memory at a time. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The stack that a commit describes for an environment; a file that it names and that cannot be read is a problem of
 * it. Throws what `source` throws when it cannot tell.
 */
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

type Refused = Extract<DraftResult, { readonly ok: false }>;
type StackFile = DraftRequest["files"][number];

type FoundFiles =
  | {
      readonly ok: true;
      readonly files: readonly StackFile[];
      /** Where the paths in them begin. */
      readonly folder: string;
    }
  | Refused;

async function findFiles(
  reading: StackReading,
  ownPaths: readonly string[] | null,
): Promise<FoundFiles> {
  const { config, configText } = reading;
  const { name, path, content } = config.app;
  const paths = ownPaths ?? (content.kind === "stack" ? content.paths : null);
  if (paths === null) {
    // The short form: no file describes the service, so that its folder does.
    const text = content.kind === "service" ? configText : "build: .\n";
    const service = { name, place: content.kind === "service" ? content.place : [] };
    const file = { path: CONFIG_PATH, text: text ?? "", service };
    return { ok: true, files: [file], folder: path };
  }
  const read = await Promise.all(paths.map((each) => readStackFile(reading, each)));
  const problems = read.flatMap((each) => ("problem" in each ? [each.problem] : []));
  if (problems.length > 0) return { ok: false, problems };
  const files = read.flatMap((each) => ("file" in each ? [each.file] : []));
  return { ok: true, files, folder: posix.dirname(paths[0] ?? "") };
}

async function readStackFile(
  reading: StackReading,
  path: string,
): Promise<{ readonly file: StackFile } | { readonly problem: Refused["problems"][number] }> {
  const { environment, config, configText } = reading;
  const found = await readTreeFile(reading, path, "add it, or correct `stack`.");
  if (found instanceof Uint8Array) {
    const read = readText(path, found);
    return read.ok ? { file: { path, text: read.text } } : { problem: read.problem };
  }
  const line = lineOfStackPath(configText, path, { app: config.app.name, environment });
  return { problem: { ...found, file: CONFIG_PATH, line, key: "stack" } };
}

/** Drafts again and again, each time with the files that the draft before asked for, until it asks for no more. */
async function draftWithFiles(
  reading: StackReading,
  folder: string,
  request: Omit<DraftRequest, "readFile">,
): Promise<DraftResult> {
  const known = new Map<string, Awaited<ReturnType<typeof readTreeFile>>>();
  let bytes = 0;
  for (;;) {
    const asked = new Set<string>();
    const result = draftStack({
      ...request,
      readFile: (path) => {
        const found = known.get(path);
        if (found !== undefined) return found;
        asked.add(path);
        return new Uint8Array();
      },
    });
    if (asked.size === 0) return result;
    const first = request.files[0]?.path ?? CONFIG_PATH;
    if (known.size + asked.size > MOST_FILES)
      return tooMuch(first, `more than ${MOST_FILES} files`);
    for (const path of asked) {
      const inside = posix.join(folder, path);
      const found = await readTreeFile(reading, inside, "add it, or name another one.");
      known.set(path, found);
      bytes += found instanceof Uint8Array ? found.length : 0;
      if (bytes > MOST_BYTES) return tooMuch(first, "files of more than 64 MiB together");
    }
  }
}

function tooMuch(file: string, what: string): Refused {
  const message = `the stack names ${what}: name less, or put them into an image.`;
  return { ok: false, problems: [{ code: "too_many_files", file, line: null, key: "", message }] };
}

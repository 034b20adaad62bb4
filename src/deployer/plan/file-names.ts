import type { ReleaseFile } from "../../release.ts";
import { contentKeyOf, contentName } from "../../stack/content-key.ts";
import { SKEP_LABELS } from "../../swarm-objects.ts";
import type { FileKind, LiveFile } from "../ports.ts";

/** The Swarm's own limit. */
const LONGEST_NAME = 64;
const DIGITS = 12;
const VERSION = /_[0-9a-f]{12}$/u;

/** Configs or secrets of one stack, as they shall be and as they are. */
export interface FileNamesRequest {
  readonly kind: FileKind;
  readonly files: readonly ReleaseFile[];
  /** Those that carry the stack's label. */
  readonly live: readonly LiveFile[];
  /** Names that live services of the stack refer to. */
  readonly referenced: ReadonlySet<string>;
  readonly serverKey: Uint8Array;
}

/** What a config or secret is called on the Swarm. */
export interface NamedFile {
  readonly file: ReleaseFile;
  readonly name: string;
  /** The object that has this content already; null when one has to be created. */
  readonly live: LiveFile | null;
  /** Nobody could compare its content: it is taken for equal. */
  readonly isUnread: boolean;
  /** Whether the Swarm has the file with another content. */
  readonly isNewVersion: boolean;
}

/**
 * The names of a stack's configs or secrets, in the order of `files`. What has the content already keeps its name:
 * first what a live service refers to, then the versioned name, then the CLI's. No object is given to two files.
 */
export function nameFiles(request: FileNamesRequest): readonly NamedFile[] {
  const { files } = request;
  const cliNames = new Set(files.map(({ cliName }) => cliName));
  const live = request.live.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const isEqual = contentComparer(request);
  const taken = new Map<string, { readonly live: LiveFile; readonly isUnread: boolean }>();
  const claimed = new Set<LiveFile>();
  const claim = (file: ReleaseFile, found: LiveFile | undefined, isUnread = false): void => {
    if (found === undefined) return;
    taken.set(file.cliName, { live: found, isUnread });
    claimed.add(found);
  };
  const ordered = files.toSorted((one, other) => (one.cliName < other.cliName ? -1 : 1));
  const isOwnOf = (file: ReleaseFile, name: string): boolean =>
    name === file.cliName || (!cliNames.has(name) && isVersionOf(file.cliName, name));

  for (const file of ordered) {
    const own = live.filter((each) => isOwnOf(file, each.name) && !claimed.has(each));
    const equal = own.filter((each) => isEqual(each, file));
    const preferred = [nameOf(file), file.cliName];
    const byPreference = preferred.map((name) => equal.find((each) => each.name === name));
    const isInUse = (each: LiveFile | undefined): boolean =>
      each !== undefined && request.referenced.has(each.name);
    claim(file, byPreference.find(isInUse) ?? equal.find(isInUse) ?? byPreference.find(Boolean));
    if (!taken.has(file.cliName)) claim(file, unreadSecret(request, file, own), true);
  }
  // What was created under a key or a name that the file does not have any more.
  for (const file of ordered.filter(({ cliName }) => !taken.has(cliName))) {
    const others = live.filter(
      (each) =>
        !claimed.has(each) &&
        request.referenced.has(each.name) &&
        !ordered.some((other) => isOwnOf(other, each.name)),
    );
    claim(
      file,
      others.find((each) => isEqual(each, file)),
    );
  }
  return files.map((file) => {
    const { live: found = null, isUnread = false } = taken.get(file.cliName) ?? {};
    const isNewVersion = found === null && live.some(({ name }) => isOwnOf(file, name));
    return { file, name: found?.name ?? nameOf(file), live: found, isUnread, isNewVersion };
  });
}

function nameOf({ cliName, contentKey }: ReleaseFile): string {
  return contentName(cliName, contentKey);
}

/** Whether a name was made by `contentName` for some content, as far as the name tells. */
function isVersionOf(cliName: string, name: string): boolean {
  return (
    VERSION.test(name) &&
    name.slice(0, -(DIGITS + 1)) === cliName.slice(0, LONGEST_NAME - DIGITS - 1)
  );
}

/** A config can be read, which counts even where a label says otherwise: the server's key may have changed. */
function contentComparer({
  serverKey,
}: FileNamesRequest): (live: LiveFile, file: ReleaseFile) => boolean {
  const keys = new Map<LiveFile, string>();
  const keyOf = (live: LiveFile, data: Uint8Array): string => {
    const { templating } = live;
    const known = keys.get(live) ?? contentKeyOf(serverKey, { data, templating, driver: null });
    keys.set(live, known);
    return known;
  };
  return (live, { contentKey }) =>
    live.labels[SKEP_LABELS.content] === contentKey ||
    (live.data !== null && keyOf(live, live.data) === contentKey);
}

/** A secret that Skep did not make and that the stack uses: nobody can read it. */
function unreadSecret(
  { kind, referenced }: FileNamesRequest,
  { cliName }: ReleaseFile,
  own: readonly LiveFile[],
): LiveFile | undefined {
  if (kind !== "secret" || !referenced.has(cliName)) return undefined;
  return own.find(
    ({ name, labels }) => name === cliName && labels[SKEP_LABELS.content] === undefined,
  );
}

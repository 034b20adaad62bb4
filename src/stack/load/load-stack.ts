import type { BuildDefinition } from "../../release.ts";
import type { StackFileObject, StackModel, StackRemark } from "../model.ts";
import { tellChanged } from "./changed-values.ts";
import { findImages } from "./images.ts";
import { folderOf } from "./folder.ts";
import { loadFile, type FilePart } from "./load-file.ts";
import { mergeParts } from "./merge-parts.ts";
import { readNamedFile, type ReadNamedFile } from "./named-file.ts";
import { readRoot, remarkIn, type ReadFile, type StackFileInput } from "./read-root.ts";
import type { Problem } from "./report.ts";
import { withImplied, withLoneNetwork, type LoneNetwork } from "./service-file.ts";
import type { UnreadFileObject } from "./top-objects.ts";
import { isMapping, type Mapping } from "./value.ts";
import { versionOf } from "./version.ts";
import { countMarks, MOST_MARKS } from "./yaml-document.ts";

/** A stack's files and what they may take from around them. */
export interface LoadRequest {
  /** In the order of merging. */
  readonly files: readonly StackFileInput[];
  /** Where relative paths in all files start; left out, the first one's folder. */
  readonly folder?: string;
  /** Where they start as a folder of the repository, for what is built; left out, `folder`. */
  readonly repositoryFolder?: string;
  /** What a lone service joins that names no network; left out, the stack's own one. */
  readonly loneNetwork?: LoneNetwork;
  /** Must refuse what the stack may not read. */
  readonly readFile: ReadNamedFile;
  readonly variables: Readonly<Record<string, string>>;
  /** Exactly as `docker stack deploy`, its faults included. */
  readonly asCli: boolean;
}

/** The stack with the notes on what Skep does otherwise, or why there is none: the CLI's own reason first. */
export type LoadResult =
  | {
      readonly ok: true;
      readonly model: StackModel;
      /** Of the services that have a `build`, by key. */
      readonly builds: Readonly<Record<string, BuildDefinition>>;
      readonly notes: readonly StackRemark[];
    }
  | { readonly ok: false; readonly problems: readonly StackRemark[] };

/** Reads, checks and merges a stack's files. Never throws, and reads nothing but by `readFile`. */
export function loadStack(request: LoadRequest): LoadResult {
  const files: ReadFile[] = [];
  let marks = 0;
  for (const file of request.files) {
    marks += countMarks(file.text);
    const read = marks > MOST_MARKS ? tooMuch(file) : readRoot(file);
    if (!("root" in read)) return { ok: false, problems: [read] };
    files.push(read);
  }
  const [first] = files;
  if (first === undefined) return EMPTY;
  let stack: FilePart | null = null;
  for (const file of files) {
    const part = readPart(file, first, request);
    if (part === null) return { ok: false, problems: problemsOf(file) };
    const { at } = file;
    stack = stack === null ? part : mergeParts(stack, part, { asCli: request.asCli, at });
  }
  if (stack === null) return EMPTY;
  const lone = files.flatMap(({ service }) => (service === null ? [] : [service]));
  return finish(
    withLoneNetwork(stack, lone, request.loneNetwork === undefined ? "own" : request.loneNetwork),
    files,
    request,
  );
}

function tooMuch({ path: file }: StackFileInput): StackRemark {
  const message = "with this file, there are more entries than Skep reads: make the files smaller.";
  return { code: "file_too_large", file, line: 1, key: "", message };
}

const EMPTY: LoadResult = {
  ok: true,
  model: { services: {}, networks: {}, volumes: {}, secrets: {}, configs: {} },
  builds: {},
  notes: [],
};

/** The CLI knows no limit; more than there are, the engine refuses. */
const ALL_PORTS = 65_536;
/** Every node would open each of them. */
const MOST_PORTS = 4_096;

function readPart(file: ReadFile, first: ReadFile, request: LoadRequest): FilePart | null {
  const { at, told } = file;
  const version = versionOf(file.root);
  const wanted = versionOf(first.root);
  const isCompose = file.service === null && first.service === null;
  if (isCompose && version !== wanted) {
    const cause = `version mismatched between two files: ${wanted} and ${version}`;
    at.to("version").refuse("version_mismatch", `${cause}. Give all files the same one, or none.`);
    return null;
  }
  const { variables, readFile, asCli } = request;
  const lookup = (name: string): string | undefined =>
    Object.hasOwn(variables, name) ? variables[name] : undefined;
  const folder = request.folder ?? folderOf(first.path);
  const portsLeft = { count: asCli ? ALL_PORTS : MOST_PORTS };
  const sources = { folder, readFile, lookup, asCli, portsLeft };
  const hasProblem = (): boolean => told.problems.length > 0;
  if (!asCli) tellChanged(file.root, at, file.writtenAs);
  const part = loadFile(file.root, { version, sources, at, hasProblem });
  return part === null || file.service === null ? part : withImplied(part);
}

function problemsOf(file: ReadFile): readonly StackRemark[] {
  return file.told.problems.toSorted(bySpecificity).map((problem) => remarkIn(file, problem));
}

/** The deepest first, and wrong types among equals: that is the one the CLI names. */
function bySpecificity(a: Problem, b: Problem): number {
  const isType = (problem: Problem): number => (problem.code === "wrong_type" ? 1 : 0);
  return depth(b) - depth(a) || isType(b) - isType(a);
}

/** An unknown key counts where the mapping stands that has it. */
function depth(problem: Problem): number {
  return problem.path.length - (problem.code === "unknown_key" ? 1 : 0);
}

function finish(part: FilePart, files: readonly ReadFile[], request: LoadRequest): LoadResult {
  const problems: StackRemark[] = [];
  const notes = files.flatMap((file) => file.told.notes.map((note) => remarkIn(file, note)));
  const tellTo = (remarks: StackRemark[]) => (problem: Problem) => {
    // The last file that has the entry is the one that counts.
    const { path } = problem;
    const holder = (place: Problem["path"]): ReadFile | undefined =>
      files.findLast(({ root }) => has(root, place));
    const file = holder(path) ?? holder(path.slice(0, 2)) ?? files[0];
    if (file !== undefined) remarks.push(remarkIn(file, problem));
  };
  const tell = tellTo(problems);
  const folder = request.repositoryFolder ?? request.folder ?? folderOf(files[0]?.path ?? "");
  const { services, builds } = findImages(part.services, folder, { tell, note: tellTo(notes) });
  if (problems.length > 0) return { ok: false, problems };
  const model: StackModel = {
    ...part,
    services,
    secrets: readFiles("secrets", part.secrets, request, tell),
    configs: readFiles("configs", part.configs, request, tell),
  };
  return problems.length > 0 ? { ok: false, problems } : { ok: true, model, builds, notes };
}

function has(root: Mapping, [section, name, key]: Problem["path"]): boolean {
  const value = root.get(String(section));
  if (!isMapping(value) || !value.has(String(name))) return false;
  const entry = value.get(String(name));
  return key === undefined || (isMapping(entry) && entry.has(String(key)));
}

function readFiles(
  section: "secrets" | "configs",
  objects: Readonly<Record<string, UnreadFileObject>>,
  request: LoadRequest,
  tell: (problem: Problem) => void,
): Readonly<Record<string, StackFileObject>> {
  return Object.fromEntries(
    Object.entries(objects).map(([name, { file, ...object }]) => {
      if (file === undefined) return [name, object];
      const cause = file === "" ? "there is no file named" : `open ${file}: no such file`;
      const missing = `${cause}: give one, or say external: true.`;
      const readFile = file === "" ? () => null : request.readFile;
      const found = readNamedFile(readFile, file, missing);
      if (found.ok) return [name, { ...object, file, data: found.bytes }];
      const path = file === "" ? [section, name] : [section, name, "file"];
      tell({ ...found.fault, path });
      return [name, object];
    }),
  );
}

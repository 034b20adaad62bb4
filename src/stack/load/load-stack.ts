import type { StackFileObject, StackModel, StackRemark } from "../model.ts";
import { folderOf } from "./folder.ts";
import { loadFile, type FilePart } from "./load-file.ts";
import { mergeParts } from "./merge-parts.ts";
import { lineOfPath } from "./node-line.ts";
import { nodeValue } from "./node-value.ts";
import { rootAt, type At, type Problem, type Told } from "./report.ts";
import type { UnreadFileObject } from "./top-objects.ts";
import { isMapping, keyOf, type Mapping } from "./value.ts";
import { versionOf } from "./version.ts";
import { readDocument, type YamlDocument } from "./yaml-document.ts";

/** A stack's files and what they may take from around them. */
export interface LoadRequest {
  /** In the order of merging; relative paths in all of them start at the first one's folder. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** The bytes of a file by its path as written; null where there is none, or none that the stack may read. */
  readonly readFile: (path: string) => Uint8Array | null;
  readonly variables: Readonly<Record<string, string>>;
  /** Exactly as `docker stack deploy`, its faults included. */
  readonly asCli: boolean;
}

/** The stack with the notes on what Skep does otherwise, or why there is none: the CLI's own reason first. */
export type LoadResult =
  | { readonly ok: true; readonly model: StackModel; readonly notes: readonly StackRemark[] }
  | { readonly ok: false; readonly problems: readonly StackRemark[] };

interface ReadFile {
  readonly path: string;
  readonly document: YamlDocument;
  readonly root: Mapping;
  /** What is wrong with it, and what Skep does otherwise in it. */
  readonly told: Told;
  readonly at: At;
}

/** Reads, checks and merges a stack's files. Never throws, and reads nothing but by `readFile`. */
export function loadStack(request: LoadRequest): LoadResult {
  const files: ReadFile[] = [];
  for (const { path, text } of request.files) {
    const read = readRoot(path, text);
    if (!("root" in read)) return { ok: false, problems: [read] };
    files.push(read);
  }
  const [first] = files;
  if (first === undefined) return { ok: true, model: EMPTY, notes: [] };
  let stack: FilePart | null = null;
  for (const file of files) {
    const part = readPart(file, first, request);
    if (part === null) return { ok: false, problems: problemsOf(file) };
    const { at } = file;
    stack = stack === null ? part : mergeParts(stack, part, { asCli: request.asCli, at });
  }
  return stack === null ? { ok: true, model: EMPTY, notes: [] } : finish(stack, files, request);
}

const EMPTY: StackModel = { services: {}, networks: {}, volumes: {}, secrets: {}, configs: {} };

function readRoot(path: string, text: string): ReadFile | StackRemark {
  const read = readDocument(text);
  if (!read.ok) return { ...read.fault, file: path, key: "" };
  const value = nodeValue(read.document);
  if (!value.ok) return { ...value.fault, file: path, key: "" };
  const { document } = read;
  const told: Told = { problems: [], notes: [] };
  if (isMapping(value.value)) return { path, document, root: value.value, told, at: rootAt(told) };
  const line = lineOfPath(document, []);
  const message =
    "the top-level object must be a mapping: write `services:` and your services under it.";
  return { code: "top_level", file: path, line, key: "", message };
}

function readPart(file: ReadFile, first: ReadFile, request: LoadRequest): FilePart | null {
  const { at, told } = file;
  const version = versionOf(file.root);
  const wanted = versionOf(first.root);
  if (version !== wanted) {
    const cause = `version mismatched between two files: ${wanted} and ${version}`;
    at.to("version").refuse("version_mismatch", `${cause}. Give all files the same one, or none.`);
    return null;
  }
  const { variables, readFile, asCli } = request;
  const lookup = (name: string): string | undefined =>
    Object.hasOwn(variables, name) ? variables[name] : undefined;
  const sources = { folder: folderOf(first.path), readFile, lookup, asCli };
  return loadFile(file.root, { version, sources, at, hasProblem: () => told.problems.length > 0 });
}

function problemsOf(file: ReadFile): readonly StackRemark[] {
  return file.told.problems.toSorted(bySpecificity).map((problem) => remark(file, problem));
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

function remark(file: ReadFile, { code, path, message }: Problem): StackRemark {
  const line = lineOfPath(file.document, path);
  return { code, file: file.path, line, key: keyOf(path), message };
}

function finish(part: FilePart, files: readonly ReadFile[], request: LoadRequest): LoadResult {
  const problems: StackRemark[] = [];
  const tell = (problem: Problem): void => {
    // The last file that has the entry is the one that counts.
    const file = files.findLast(({ root }) => has(root, problem.path)) ?? files[0];
    if (file !== undefined) problems.push(remark(file, problem));
  };
  for (const [name, service] of Object.entries(part.services)) {
    if (service.image !== undefined && service.image !== "") continue;
    const message = "invalid image reference: no image specified. Name one.";
    tell({ code: "image_missing", path: ["services", name], message });
  }
  if (problems.length > 0) return { ok: false, problems };
  const model: StackModel = {
    ...part,
    secrets: readFiles("secrets", part.secrets, request, tell),
    configs: readFiles("configs", part.configs, request, tell),
  };
  if (problems.length > 0) return { ok: false, problems };
  const notes = files.flatMap((file) => file.told.notes.map((note) => remark(file, note)));
  return { ok: true, model, notes };
}

function has(root: Mapping, [section, name]: Problem["path"]): boolean {
  const value = root.get(String(section));
  return isMapping(value) && value.has(String(name));
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
      const data = file === "" ? null : request.readFile(file);
      if (data !== null) return [name, { ...object, data }];
      const cause = file === "" ? "there is no file named" : `open ${file}: no such file`;
      const path = file === "" ? [section, name] : [section, name, "file"];
      tell({ code: "missing_file", path, message: `${cause}: give one, or say external: true.` });
      return [name, object];
    }),
  );
}

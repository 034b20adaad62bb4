import type { StackRemark } from "../model.ts";
import { lineOfPath } from "./node-line.ts";
import { nodeValue, type WrittenAs } from "./node-value.ts";
import { rootAt, type At, type Problem, type Told } from "./report.ts";
import { pathInFile, serviceRoot, type LoneService } from "./service-file.ts";
import { isMapping, keyOf, type Mapping } from "./value.ts";
import { readDocument, type YamlDocument } from "./yaml-document.ts";

/** A Compose file, or a file of another kind in which one Compose service stands at a place. */
export interface StackFileInput {
  readonly path: string;
  readonly text: string;
  /** Where the one service stands; left out for a Compose file. */
  readonly service?: LoneService;
}

/** A file that is read, with all that is told of it. */
export interface ReadFile {
  readonly path: string;
  readonly service: LoneService | null;
  readonly document: YamlDocument;
  /** Of a lone service, the root of the Compose file that it would be. */
  readonly root: Mapping;
  readonly writtenAs: WrittenAs;
  /** What is wrong with it, and what Skep does otherwise in it. */
  readonly told: Told;
  readonly at: At;
}

/** The file's tree, or why it has none. */
export function readRoot({ path, text, service }: StackFileInput): ReadFile | StackRemark {
  const read = readDocument(text);
  if (!read.ok) return { ...read.fault, file: path, key: "" };
  const { document } = read;
  const whole = nodeValue(document);
  if (!whole.ok) return { ...whole.fault, file: path, key: "" };
  const told: Told = { problems: [], notes: [] };
  const root = service === undefined ? whole.value : serviceRoot(whole.value, service);
  if (isMapping(root)) {
    const { writtenAs } = whole;
    return { path, service: service ?? null, document, root, writtenAs, told, at: rootAt(told) };
  }
  const line = lineOfPath(document, []);
  const message =
    "the top-level object must be a mapping: write `services:` and your services under it.";
  return { code: "top_level", file: path, line, key: "", message };
}

/** What is told of a place, with the line and the key as they stand in the file. */
export function remarkIn(
  { path: file, service, document }: ReadFile,
  { code, path, message }: Problem,
): StackRemark {
  const place = service === null ? path : pathInFile(service, path);
  return { code, file, line: lineOfPath(document, place), key: keyOf(place), message };
}

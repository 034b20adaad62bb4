import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { StackRemark } from "../stack/model.ts";
import { stackObjects, type ObjectsRequest } from "../stack/objects.ts";
import { readText } from "../stack/read-text.ts";
import { describeObjects, describeRemarks, toJson } from "./describe-objects.ts";
import { createTreeReader, findTree } from "./tree-reader.ts";

/** What a command ended in: 0 done, 2 the files are refused. Bad options are thrown. */
export interface CommandResult {
  readonly exitCode: 0 | 2;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly paths: readonly string[];
  readonly name: string;
  readonly envFile: string | null;
  readonly asCli: boolean;
  readonly json: boolean;
}

/** What `skep objects --help` prints. */
export const OBJECTS_HELP = `skep objects STACKFILE... --name NAME: prints what a stack would create, touching no engine

  --name NAME       the stack's name, before the name of each of its objects
  --env-file FILE   variables, a line NAME=VALUE each, taken literally; no other variable is known
  --as-cli          exactly as docker stack deploy does it, its faults included
  --json            the bodies of the API calls, by full name, and the notes
  --help            this text

Later files are merged into earlier ones; paths in all of them are relative to the first one's folder.
Exit code: 0, or 2 for files that are refused (their problems as JSON with --json), or 1 for anything else.`;

/** Runs `skep objects`; the words are those after the command. Throws for bad options and unreadable files. */
export function runObjects(args: readonly string[]): CommandResult {
  const options = readOptions(args);
  if (options === "help") return { exitCode: 0, stdout: OBJECTS_HELP, stderr: "" };
  const read = readFiles(options.paths);
  const asGiven = new Map(options.paths.map((path) => [resolve(path), path]));
  const named = (remark: StackRemark): StackRemark => ({
    ...remark,
    file: asGiven.get(remark.file) ?? remark.file,
  });
  if (read.problems.length > 0) return refuse(read.problems, options.json);
  const folder = dirname(resolve(options.paths[0] ?? "."));
  const tree = findTree(folder);
  const result = stackObjects({
    name: options.name,
    files: read.files,
    repositoryFolder: relative(tree, folder) || ".",
    readFile: createTreeReader(folder, options.asCli ? null : tree),
    variables: options.envFile === null ? {} : readVariables(options.envFile),
    asCli: options.asCli,
  });
  if (!result.ok) return refuse(result.problems.map(named), options.json);
  const notes = result.notes.map(named);
  if (options.json) {
    const stdout = toJson({ ...result.objects, notes });
    return { exitCode: 0, stdout, stderr: "" };
  }
  const stdout = describeObjects(result.objects);
  return { exitCode: 0, stdout, stderr: describeRemarks(notes) };
}

function refuse(problems: readonly StackRemark[], json: boolean): CommandResult {
  if (json) return { exitCode: 2, stdout: toJson({ problems }), stderr: "" };
  return { exitCode: 2, stdout: "", stderr: describeRemarks(problems) };
}

function readOptions(args: readonly string[]): Options | "help" {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      name: { type: "string" },
      "env-file": { type: "string" },
      "as-cli": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  if (positionals.length === 0) {
    throw new Error("no stack file named; skep objects --help tells how");
  }
  if (values.name === undefined || /^[\s'"]*$/u.test(values.name)) {
    throw new Error("the stack has no name: add --name NAME; skep objects --help tells how");
  }
  return {
    paths: positionals,
    name: values.name,
    envFile: values["env-file"] ?? null,
    asCli: values["as-cli"],
    json: values.json,
  };
}

function readFiles(paths: readonly string[]): {
  readonly files: ObjectsRequest["files"];
  readonly problems: readonly StackRemark[];
} {
  const read = paths.map((path) => ({ path, text: readText(path, readBytes(path)) }));
  return {
    files: read.flatMap(({ path, text }) =>
      text.ok ? [{ path: resolve(path), text: text.text }] : [],
    ),
    problems: read.flatMap(({ text }) => (text.ok ? [] : [text.problem])),
  };
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Error(`reading ${path}: ${cause}; check the name`, { cause: error });
  }
}

/** Lines `NAME=VALUE`, as they are: no quotes, no interpolation. Blank lines and comments are left out. */
function readVariables(path: string): Readonly<Record<string, string>> {
  const variables: [string, string][] = [];
  for (const [index, line] of new TextDecoder().decode(readBytes(path)).split(/\r?\n/u).entries()) {
    if (/^\s*(?:#|$)/u.test(line)) continue;
    const [, name = "", value = ""] = /^([A-Za-z_][A-Za-z0-9_.]*)=(.*)$/su.exec(line) ?? [];
    if (name === "") {
      throw new Error(`reading ${path}: line ${index + 1} is not NAME=VALUE; mend or remove it`);
    }
    variables.push([name, value]);
  }
  return Object.fromEntries(variables);
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createTreeReader } from "../../src/cli/tree-reader.ts";
import type { ObjectsRequest } from "../../src/stack/objects.ts";
import { sections, type Wire } from "./wire.ts";

/** A stack file and what the real `docker stack deploy` made of it. */
export interface StackCase {
  readonly name: string;
  readonly folder: string;
  readonly request: ObjectsRequest;
  /** What the CLI sent, all of it or, where the daemon stopped it, up to there; null where it sent nothing. */
  readonly sent: Wire | null;
  /** Why it was refused; null when it was not. */
  readonly refusal: string | null;
  /** Only an engine that knows its own objects, or checks values itself, refuses this. */
  readonly byEngine: boolean;
}

/** The cases made for one rule each, which are ours. */
export const RULE_CASES = join(import.meta.dirname, "../fixtures/stacks");
/** Real files of other people, which stay where they are. */
export const REAL_CASES =
  process.env.SKEP_CORPUS ?? join(import.meta.dirname, "../../../shared/corpus");

/** The stack's name in all recorded results. */
const NAME = "cx-s";
/** The environment that the CLI ran in, besides the case's own. */
const BASE = { HOME: "/home/cx" };

/** Reads a folder of cases: `NAME.yml` with `NAME.b.yml`, `NAME.env`, and what became of it. */
export function readCases(folder: string): readonly StackCase[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yml") && !file.endsWith(".b.yml"))
    .map((file) => file.slice(0, -".yml".length))
    .toSorted()
    .flatMap((name) =>
      [`${name}`, `${name}.noenv`]
        .filter((result) =>
          [`expected/${result}.wire.json`, `refused/${result}.json`].some((path) =>
            existsSync(join(folder, path)),
          ),
        )
        .map((result) => readCase(folder, name, result)),
    );
}

function readCase(folder: string, name: string, result: string): StackCase {
  const files = [`${name}.yml`, `${name}.b.yml`]
    .map((file) => join(folder, file))
    .filter((path) => existsSync(path))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
  const accepted = readJson(join(folder, `expected/${result}.wire.json`));
  const partial = readJson(join(folder, `refused/${result}.wire.json`));
  const sent = accepted ?? partial;
  const refusal = accepted === null ? readRefusal(join(folder, `refused/${result}.json`)) : null;
  return {
    name: result,
    folder,
    request: {
      name: NAME,
      files,
      readFile: createTreeReader(folder, null),
      variables: {
        ...BASE,
        ...(result === name ? readVariables(join(folder, `${name}.env`), folder) : {}),
      },
      asCli: true,
    },
    sent: sent === null ? null : sections(sent),
    refusal,
    byEngine: refusal !== null && /Error response from daemon/u.test(refusal),
  };
}

function readJson(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
}

function readRefusal(path: string): string {
  const result = readJson(path);
  const text = typeof result === "object" && result !== null && "refused" in result;
  if (!text || typeof result.refused !== "string") throw new Error(`${path} tells no refusal`);
  return result.refused;
}

/** Lines NAME=VALUE, literal; `__DIR__` is the case's folder. */
function readVariables(path: string, folder: string): Readonly<Record<string, string>> {
  if (!existsSync(path)) return {};
  const lines = readFileSync(path, "utf8").split("\n");
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name = "", value = ""] = /^([A-Za-z_][A-Za-z0-9_.]*)=(.*)$/u.exec(line) ?? [];
      return name === "" ? [] : [[name, value.replaceAll("__DIR__", folder)]];
    }),
  );
}

import { parseEnvFile } from "./env-file.ts";
import type { Fields } from "./fields.ts";
import { pairsOf } from "./pairs.ts";
import type { Lookup } from "./template.ts";

type Environment = Readonly<Record<string, string | null>>;

/** What the environment of a service is made with. */
export interface EnvironmentSources {
  readonly lookup: Lookup;
  /** The bytes of a file, relative to the stack's folder; null where there is none. */
  readonly readFile: (path: string) => Uint8Array | null;
}

/** The service's environment, its env files folded in: the first ones are overridden by later ones and by it. */
export function readEnvironment(fields: Fields, sources: EnvironmentSources): Environment {
  const fromFiles = envFiles(fields).flatMap(([path, key]) => {
    const place = key.reduce((at, step) => at.to(step), fields.at);
    const bytes = sources.readFile(path);
    if (bytes === null) {
      place.refuse("missing_file", `open ${path}: no such file or directory. Add the file.`);
      return [];
    }
    const parsed = parseEnvFile(bytes, sources.lookup);
    if (parsed.ok) return parsed.entries;
    place.refuse("bad_env_file", `invalid env file (${path}): ${parsed.message}. Correct it.`);
    return [];
  });
  return {
    ...filled(Object.fromEntries(fromFiles), sources.lookup),
    ...filled(pairsOf(fields.value("environment")) ?? {}, sources.lookup),
  };
}

function envFiles(fields: Fields): [path: string, key: readonly (string | number)[]][] {
  const value = fields.value("env_file");
  if (typeof value === "string") return [[value, ["env_file"]]];
  return (fields.texts("env_file") ?? []).map((path, index) => [path, ["env_file", index]]);
}

/** A name with an empty value, or without one, takes the variable's of the same name. */
function filled(environment: Environment, lookup: Lookup): Environment {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value === null || value === "" ? (lookup(name) ?? value) : value,
    ]),
  );
}

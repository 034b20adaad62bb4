import { parseEnvFile } from "./env-file.ts";
import type { Fields } from "./fields.ts";
import { readNamedFile, type ReadNamedFile } from "./named-file.ts";
import { pairsOf } from "./pairs.ts";
import type { At } from "./report.ts";
import type { Lookup } from "./template.ts";

type Environment = Readonly<Record<string, string | null>>;

/** What the environment of a service is made with. */
export interface EnvironmentSources {
  readonly lookup: Lookup;
  readonly asCli: boolean;
  /** Paths are relative to the stack's folder. */
  readonly readFile: ReadNamedFile;
}

/** The service's environment, its env files folded in: the first ones are overridden by later ones and by it. */
export function readEnvironment(fields: Fields, sources: EnvironmentSources): Environment {
  const fromFiles = envFiles(fields).flatMap(([path, key]) => {
    const place = key.reduce((at, step) => at.to(step), fields.at);
    const missing = `open ${path}: no such file or directory. Add the file.`;
    const found = readNamedFile(sources.readFile, path, missing);
    if (!found.ok) {
      place.refuse(found.fault.code, found.fault.message);
      return [];
    }
    const parsed = parseEnvFile(found.bytes, sources.lookup);
    if (parsed.ok) return parsed.entries;
    place.refuse("bad_env_file", `invalid env file (${path}): ${parsed.message}. Correct it.`);
    return [];
  });
  const own = pairsOf(fields.value("environment")) ?? {};
  return {
    ...filled(Object.fromEntries(fromFiles), fields.at.to("env_file"), sources),
    ...filled(own, fields.at.to("environment"), sources),
  };
}

function envFiles(fields: Fields): [path: string, key: readonly (string | number)[]][] {
  const value = fields.value("env_file");
  if (typeof value === "string") return [[value, ["env_file"]]];
  return (fields.texts("env_file") ?? []).map((path, index) => [path, ["env_file", index]]);
}

/** A name without a value takes the variable's; with the CLI a name with an empty one does so too. */
function filled(
  environment: Environment,
  at: At,
  { lookup, asCli }: EnvironmentSources,
): Environment {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => {
      if (value !== null && value !== "") return [name, value];
      const found = lookup(name);
      if (value === null || asCli || found === undefined || found === "") {
        return [name, found ?? value];
      }
      const cause = `${name} stays empty as it is written here`;
      at.to(name).note(
        "host_value",
        `${cause}: docker stack deploy would take the variable's value.`,
      );
      return [name, value];
    }),
  );
}

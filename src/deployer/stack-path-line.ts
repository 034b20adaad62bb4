import { posix } from "node:path";
import { readYaml } from "../policy/config/yaml.ts";
import { isMapping, readKey } from "../policy/config/values.ts";

/** The line where a config says a path of its `stack`; null where it does not: another commit's may say it. */
export function lineOfStackPath(
  configText: string | null,
  path: string,
  { app, environment }: { readonly app: string; readonly environment: string },
): number | null {
  const file = readYaml(configText ?? "");
  if (!file.ok) return null;
  const own = isMapping(readKey(file.value, "apps")) ? ["apps", app, "stack"] : ["stack"];
  for (const place of [["environments", environment, "stack"], own]) {
    const value = place.reduce<unknown>(readKey, file.value);
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    const index = items.findIndex((item) => typeof item === "string" && isSame(item, path));
    if (index !== -1) return file.lineOf(Array.isArray(value) ? [...place, index] : place);
  }
  return null;
}

/** The path of the config was tidied. */
function isSame(written: string, path: string): boolean {
  return posix.normalize(written) === path;
}

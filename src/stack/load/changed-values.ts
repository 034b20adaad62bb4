import type { WrittenAs } from "./node-value.ts";
import type { At } from "./report.ts";
import { isMapping, print, type Mapping, type Value } from "./value.ts";

/** Where a number or a date becomes a text. `*` stands for any name. */
const PLACES: readonly (readonly string[])[] = [
  "services.*.user",
  "services.*.environment.*",
  "services.*.labels.*",
  "services.*.deploy.labels.*",
  "services.*.build.args.*",
  "services.*.logging.options.*",
  "services.*.sysctls.*",
  "services.*.networks.*.driver_opts.*",
  "networks.*.labels.*",
  "networks.*.driver_opts.*",
  "volumes.*.labels.*",
  "volumes.*.driver_opts.*",
  "configs.*.labels.*",
  "secrets.*.labels.*",
  "secrets.*.driver_opts.*",
].map((place) => place.split("."));

/** Notes each number or date whose text is another than it is written: Docker makes 1.1 of 1.10, and 83 of 0123. */
export function tellChanged(root: Mapping, at: At, writtenAs: WrittenAs): void {
  for (const place of PLACES) tellIn(root, place, { at, writtenAs });
}

function tellIn(
  value: Value,
  [step, ...rest]: readonly string[],
  { at, writtenAs }: { readonly at: At; readonly writtenAs: WrittenAs },
): void {
  if (!isMapping(value) || step === undefined) return;
  const keys = step === "*" ? [...value.keys()] : value.has(step) ? [step] : [];
  for (const key of keys) {
    const child = value.get(key) ?? null;
    const inside = at.to(key);
    tellIn(child, rest, { at: inside, writtenAs });
    const written = rest.length === 0 ? writtenAs(value, key) : undefined;
    if (written === undefined) continue;
    const wanted = `write ${JSON.stringify(written)} in quotes to keep it as it is.`;
    inside.note("changed_value", `Docker reads this as ${print(child)}: ${wanted}`);
  }
}

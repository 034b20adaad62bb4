import type { StackService } from "../model.ts";
import type { FilePart } from "./load-file.ts";
import { mergeService } from "./merge-service.ts";
import { CLI_RULES, OWN_RULES } from "./merge-values.ts";
import type { At } from "./report.ts";

/**
 * Two files as one: services are merged, whatever else has a name is replaced whole. `at` is the root of the later
 * file, told where Skep merges otherwise than the CLI.
 */
export function mergeParts(
  base: FilePart,
  over: FilePart,
  use: { readonly asCli: boolean; readonly at: At },
): FilePart {
  return {
    services: mergeServices(base.services, over.services, use),
    networks: { ...base.networks, ...over.networks },
    volumes: { ...base.volumes, ...over.volumes },
    secrets: { ...base.secrets, ...over.secrets },
    configs: { ...base.configs, ...over.configs },
  };
}

type Services = Readonly<Record<string, StackService>>;

function mergeServices(
  base: Services,
  over: Services,
  { asCli, at }: { readonly asCli: boolean; readonly at: At },
): Services {
  const merged = Object.entries(over).map(([name, service]) => {
    const before = Object.hasOwn(base, name) ? base[name] : undefined;
    if (before === undefined) return [name, service] as const;
    const asTheCli = mergeService(before, service, CLI_RULES);
    if (asCli) return [name, asTheCli] as const;
    const own = mergeService(before, service, OWN_RULES);
    noteDifferences(own, asTheCli, at.to("services").to(name));
    return [name, own] as const;
  });
  return { ...base, ...Object.fromEntries(merged) };
}

function noteDifferences(own: StackService, asTheCli: StackService, at: At): void {
  const theirs = new Map<string, unknown>(Object.entries(asTheCli));
  for (const [name, value] of Object.entries(own)) {
    if (JSON.stringify(value) === JSON.stringify(theirs.get(name))) continue;
    const key = KEYS[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const place = at.to(key);
    if (name === "ports") place.note("ports_merge", PORTS);
    else place.note("false_overrides", OVERRIDES);
  }
}

/** Keys that are not what the model calls them. */
const KEYS: Readonly<Record<string, string>> = { stopGracePeriodNs: "stop_grace_period" };

const PORTS =
  "ports of both files are kept where port or protocol differ: docker stack deploy would drop some.";
const OVERRIDES =
  "what this file says wins, though it is empty, false or 0: docker stack deploy would keep the earlier file's.";

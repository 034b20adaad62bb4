import type { StackService } from "../model.ts";
import type { FilePart } from "./load-file.ts";
import { mergeService } from "./merge-service.ts";

/** Two files as one: services are merged, whatever else has a name is replaced whole. */
export function mergeParts(base: FilePart, over: FilePart): FilePart {
  return {
    services: mergeServices(base.services, over.services),
    networks: { ...base.networks, ...over.networks },
    volumes: { ...base.volumes, ...over.volumes },
    secrets: { ...base.secrets, ...over.secrets },
    configs: { ...base.configs, ...over.configs },
  };
}

type Services = Readonly<Record<string, StackService>>;

function mergeServices(base: Services, over: Services): Services {
  const merged = Object.entries(over).map(([name, service]) => {
    const before = Object.hasOwn(base, name) ? base[name] : undefined;
    return [name, before === undefined ? service : mergeService(before, service)] as const;
  });
  return { ...base, ...Object.fromEntries(merged) };
}

import type { StackModel } from "../model.ts";
import type { Conversion, ConvertRemark } from "./conversion.ts";
import { checkNames } from "./engine-names.ts";
import { checkNetworks } from "./engine-networks.ts";
import { checkPorts } from "./engine-ports.ts";
import { checkSettings } from "./engine-settings.ts";
import { convertConfigs, convertSecrets } from "./file-objects.ts";
import { checkSizes } from "./engine-sizes.ts";
import { type Body, sortedEntries } from "./go-json.ts";
import { convertNetworks } from "./networks.ts";
import { checkOwnRules } from "./own-rules.ts";
import { convertService } from "./service.ts";
import { checkVolumes } from "./volumes.ts";

/** What a stack is made of: by full name, the body of the API call that creates it. */
export interface StackObjects {
  readonly services: Readonly<Record<string, Body>>;
  readonly networks: Readonly<Record<string, Body>>;
  readonly configs: Readonly<Record<string, Body>>;
  readonly secrets: Readonly<Record<string, Body>>;
}

/** A stack's objects, or all reasons why it has none. */
export type ConvertedStack =
  | { readonly ok: true; readonly objects: StackObjects; readonly notes: readonly ConvertRemark[] }
  | { readonly ok: false; readonly problems: readonly ConvertRemark[] };

/**
 * The objects that `docker stack deploy` would create for a stack of this name. Equal models give equal objects,
 * whatever the order of their maps. References name secrets and configs but carry no ids: those are the engine's.
 */
export function convertStack(
  model: StackModel,
  use: { readonly name: string; readonly asCli: boolean },
): ConvertedStack {
  const problems: ConvertRemark[] = [];
  const notes: ConvertRemark[] = [];
  const conversion: Conversion = {
    model,
    stack: use.name,
    asCli: use.asCli,
    refuse: (problem) => void problems.push(problem),
    note(note) {
      if (!use.asCli) notes.push(note);
    },
  };
  checkVolumes(conversion);
  checkOwnRules(conversion);
  const objects: StackObjects = {
    networks: convertNetworks(conversion),
    secrets: convertSecrets(conversion),
    configs: convertConfigs(conversion),
    services: convertServices(conversion),
  };
  // Only for a stack that the CLI would send at all: the engine looks at nothing else.
  if (problems.length === 0) {
    checkNames(conversion, objects);
    checkNetworks(conversion);
    checkSizes(conversion);
    checkSettings(conversion);
    checkPorts(conversion);
  }
  return problems.length === 0 ? { ok: true, objects, notes } : { ok: false, problems };
}

function convertServices(conversion: Conversion): Record<string, Body> {
  const bodies = sortedEntries(conversion.model.services).map(([key, service]): [string, Body] => [
    `${conversion.stack}_${key}`,
    convertService(conversion, key, service),
  ]);
  return Object.fromEntries(bodies);
}

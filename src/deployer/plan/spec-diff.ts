import { isSkepLabel } from "../../swarm-objects.ts";
import { maskValue } from "./mask.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import { settingName } from "./setting-names.ts";
import { flattenSpec } from "./spec-normal-form.ts";

/** One field in which two specs differ. */
export interface SpecChange {
  /** The setting in the words of a Compose file, e.g. `environment.LOG_LEVEL`. */
  readonly setting: string;
  /** `<setting>: <before> → <after>`, secrets masked. */
  readonly text: string;
  /** Whether Swarm replaces the tasks for it. */
  readonly restarts: boolean;
}

const ABSENT = "(none)";
const MOST_CHARACTERS = 200;
/** Longer values are not shown at all: looking for secrets in them takes too long. */
const LONGEST_VALUE = 4096;

/**
 * The fields that differ between what runs and what shall run, sorted by name, once both are in the form that the
 * engine answers with. Skep's own labels are no difference, and neither is a forced restart.
 */
export function diffSpecs(live: ServiceSpec, desired: ServiceSpec): readonly SpecChange[] {
  const before = flattenSpec(live);
  const after = flattenSpec(desired);
  const paths = new Set([...before.keys(), ...after.keys()]);
  const changes: SpecChange[] = [];
  for (const path of [...paths].toSorted()) {
    if (isSkepPath(path) || before.get(path) === after.get(path)) continue;
    changes.push(describe(path, before.get(path), after.get(path)));
  }
  return changes;
}

function describe(path: string, before: string | undefined, after: string | undefined): SpecChange {
  const setting = settingName(path);
  const show = (value: string | undefined): string => {
    if (value === undefined) return ABSENT;
    if (value.length > LONGEST_VALUE) return `(${value.length} characters)`;
    return shorten(maskValue(setting, value));
  };
  return {
    setting,
    text: `${setting}: ${show(before)} → ${show(after)}`,
    restarts: restartsTasks(path),
  };
}

/** Swarm's rule: any difference in the task template (placement aside) or in the published ports. */
function restartsTasks(path: string): boolean {
  if (path.startsWith("EndpointSpec/")) return true;
  return path.startsWith("TaskTemplate/") && !path.startsWith("TaskTemplate/Placement");
}

function isSkepPath(path: string): boolean {
  return path.startsWith("Labels/") && isSkepLabel(path.slice("Labels/".length));
}

function shorten(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

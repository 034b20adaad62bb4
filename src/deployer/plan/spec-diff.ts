import { isSkepLabel, type ServiceSpec } from "../../swarm-objects.ts";
import { maskValue } from "./mask.ts";
import { settingName } from "./setting-names.ts";
import { LONGEST_LINE, shorten } from "./shorten.ts";
import { flattenSpec, MOUNT_ORDER } from "./spec-normal-form.ts";

/** One field in which two specs differ. */
export interface SpecChange {
  /** Docker's field names joined by `/`. */
  readonly path: string;
  /** The setting in the words of a Compose file, e.g. `environment.LOG_LEVEL`. */
  readonly setting: string;
  /** `<setting>: <before> → <after>`, secrets masked, at most 200 characters. */
  readonly text: string;
  /** Whether Swarm replaces the tasks for it. */
  readonly restarts: boolean;
}

const ABSENT = "(none)";
/** Longer values are not shown at all: looking for secrets in them takes too long. */
const LONGEST_VALUE = 4096;
const LONGEST_SETTING = 80;

/**
 * The fields that differ between what runs and what shall run, sorted by name, once both are in the form that the
 * engine answers with. Skep's own labels are no difference, and neither is a forced restart.
 */
export function diffSpecs(live: ServiceSpec, desired: ServiceSpec): readonly SpecChange[] {
  const before = flattenSpec(live);
  const after = flattenSpec(desired);
  const paths = new Set([...before.keys(), ...after.keys()]);
  const differing = [...paths]
    .filter((path) => !isSkepPath(path) && before.get(path) !== after.get(path))
    .toSorted();
  const hasOtherMounts = differing.some((path) => path.startsWith(MOUNTS));
  return differing
    .filter((path) => path !== MOUNT_ORDER || !hasOtherMounts)
    .map((path) => describe(path, before.get(path), after.get(path)));
}

const MOUNTS = "TaskTemplate/ContainerSpec/Mounts/";

function describe(path: string, before: string | undefined, after: string | undefined): SpecChange {
  const setting = settingName(path);
  return { path, setting, text: describeChange(setting, before, after), restarts: restarts(path) };
}

/** `<setting>: <before> → <after>`, secrets masked, at most 200 characters; both values get their share of these. */
export function describeChange(
  setting: string,
  before: string | undefined,
  after: string | undefined,
): string {
  const show = (value: string | undefined): string => {
    if (value === undefined) return ABSENT;
    if (value.length > LONGEST_VALUE) return `(${value.length} characters)`;
    return maskValue(setting, value);
  };
  const name = shorten(setting, LONGEST_SETTING);
  const [one, other] = [show(before), show(after)];
  const room = LONGEST_LINE - name.length - ":  → ".length;
  const half = Math.floor(room / 2);
  const left = shorten(one, Math.max(half, room - other.length));
  return `${name}: ${left} → ${shorten(other, room - left.length)}`;
}

/** Swarm's rule: any difference in the task template (placement aside) or in the published ports. */
function restarts(path: string): boolean {
  return path.startsWith("EndpointSpec/") || isTaskPath(path);
}

/** Whether a field is one of those by which Swarm tells an old task from a new one. */
export function isTaskPath(path: string): boolean {
  return path.startsWith("TaskTemplate/") && !path.startsWith("TaskTemplate/Placement");
}

function isSkepPath(path: string): boolean {
  return path.startsWith("Labels/") && isSkepLabel(path.slice("Labels/".length));
}

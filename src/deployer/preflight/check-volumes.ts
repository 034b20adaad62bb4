import { STACK_LABELS, type MountSpec } from "../../swarm-objects.ts";
import type { LiveVolume } from "../ports.ts";
import { fail, type PreflightView, stackOf, warn, whose } from "./view.ts";

/** Volumes that are there already as something else. Those of other nodes are not seen. */
export function checkVolumes(view: PreflightView): void {
  const byName = new Map(view.live.volumes.map((volume) => [volume.name, volume]));
  const ofOthers = volumesOfOthers(view);
  const seen = new Set<string>();
  for (const { key, release } of view.changing) {
    const mounts = release.spec.TaskTemplate.ContainerSpec.Mounts ?? [];
    for (const [index, mount] of mounts.entries()) {
      const name = mount.Source ?? "";
      // One of others is mounted on purpose, and its options are not said here.
      if (!isOwn(mount) || seen.has(name)) continue;
      seen.add(name);
      const place = { key: `${key}.volumes[${index}]`, name };
      const volume = byName.get(name);
      const label = volume?.labels[STACK_LABELS.namespace];
      const stack = label !== undefined && label !== view.stackName ? label : ofOthers.get(name);
      if (stack !== undefined) refuseOthers(view, place, stack);
      else if (volume !== undefined && isOther(volume, mount)) warnOther(view, place, volume);
    }
  }
}

/** Whether a mount is of a volume that its stack makes: the label is put on the volume. */
function isOwn({ Type: type, Source: source, VolumeOptions: options }: MountSpec): boolean {
  const isVolume = type === "volume" || type === undefined || type === "";
  return isVolume && Boolean(source) && options?.Labels?.[STACK_LABELS.namespace] !== undefined;
}

/** The volumes that other stacks make, with the stack of each. */
function volumesOfOthers({ live, stackName }: PreflightView): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { spec } of live.services) {
    const stack = stackOf(spec);
    if (stack === null || stack === stackName) continue;
    for (const mount of spec.TaskTemplate.ContainerSpec.Mounts ?? []) {
      if (isOwn(mount) && mount.Source !== undefined) found.set(mount.Source, stack);
    }
  }
  return found;
}

interface VolumePlace {
  readonly key: string;
  readonly name: string;
}

function refuseOthers(view: PreflightView, { key, name }: VolumePlace, stack: string): void {
  fail(view, {
    code: "stack_not_owned",
    key,
    summary: `the volume ${name} is part of ${whose(stack)}`,
    nextStep: "Give the volume another name.",
  });
}

function isOther(volume: LiveVolume, { VolumeOptions: wanted }: MountSpec): boolean {
  const driver = wanted?.DriverConfig?.Name || "local";
  return (
    volume.driver !== driver ||
    sorted(volume.options) !== sorted(wanted?.DriverConfig?.Options ?? {})
  );
}

function sorted(options: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(options).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function warnOther(view: PreflightView, { key, name }: VolumePlace, volume: LiveVolume): void {
  warn(view, {
    code: "volume_differs",
    key,
    summary: `the volume ${name} exists already, made by the driver ${volume.driver} with other options: it is used as it is`,
    nextStep:
      "Give the volume another name, or remove it where its data is not needed, to have it made anew.",
  });
}

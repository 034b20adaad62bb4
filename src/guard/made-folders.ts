import type { ServiceSpec } from "../swarm-objects.ts";
import { allowedBind, tidyPath } from "./bind-paths.ts";
import { readLocalVolume } from "./local-volume.ts";
import type { GuardRules } from "./rules.ts";

/** The folders of the node that services mount and that the operator wants made where they are missing; each once. */
export function foldersToMake(
  specs: readonly ServiceSpec[],
  { bindMounts }: GuardRules,
): readonly string[] {
  const paths = specs.flatMap(({ TaskTemplate }) =>
    (TaskTemplate.ContainerSpec.Mounts ?? []).flatMap((mount) => mountedPath(mount) ?? []),
  );
  return [...new Set(paths)].filter((path) => allowedBind(bindMounts, path)?.isCreated === true);
}

function mountedPath({
  Type: type = "volume",
  Source: source = "",
  VolumeOptions: options,
}: NonNullable<ServiceSpec["TaskTemplate"]["ContainerSpec"]["Mounts"]>[number]): string | null {
  if (type === "bind") return tidyPath(source);
  const driver = options?.DriverConfig;
  if (type !== "volume" || (driver?.Name || "local") !== "local") return null;
  const volume = readLocalVolume(driver?.Options ?? {});
  // The share of an NFS server is that server's to make.
  return volume.kind === "bind" && volume.path.startsWith("/") ? volume.path : null;
}

import type { PlanRisk } from "../../deployment.ts";
import type { ReleaseImage } from "../../release.ts";
import type { MountSpec, PortConfig, ServiceSpec } from "../../swarm-objects.ts";
import { isEngineImage } from "../image-name.ts";
import { databaseUpgrade } from "./database-images.ts";
import { shorten } from "./shorten.ts";
import { protocolOf } from "./spec-lists.ts";
import { modeOf } from "./spec-normal-form.ts";

/** A risk with its text, at most 200 characters. */
export function risk(code: PlanRisk["code"], text: string): PlanRisk {
  return { code, text: shorten(text) };
}

/** What to look at before a service is created. */
export function createRisks(desired: ServiceSpec, image: ReleaseImage): readonly PlanRisk[] {
  const { Image } = desired.TaskTemplate.ContainerSpec;
  const isPinned = Image.includes("@sha256:") || image.buildKey !== null;
  if (isPinned) return [];
  const text = isEngineImage(Image)
    ? `${Image} is in no registry: each node runs what it has by this name itself, and without it refuses the task`
    : `${Image} is not pinned by a digest: nodes may run different images of this name`;
  return [risk("image_unpinned", text)];
}

/** What to look at before one spec replaces the other. */
export function updateRisks(specs: {
  readonly live: ServiceSpec;
  readonly desired: ServiceSpec;
  readonly image: ReleaseImage;
}): readonly PlanRisk[] {
  const { live, desired, image } = specs;
  return [
    ...modeRisks(live, desired),
    ...volumeRisks(live, desired),
    ...portRisks(live, desired),
    ...databaseRisks(live, desired),
    ...replicaRisks(live, desired),
    ...createRisks(desired, image),
  ];
}

function modeRisks(live: ServiceSpec, desired: ServiceSpec): readonly PlanRisk[] {
  if (modeOf(live.Mode) === modeOf(desired.Mode)) return [];
  const text = `${desired.Name} is removed and created again: it is away meanwhile, and the Swarm cannot roll it back by itself`;
  return [risk("service_recreated", text)];
}

function volumeRisks(live: ServiceSpec, desired: ServiceSpec): readonly PlanRisk[] {
  const mounts = desired.TaskTemplate.ContainerSpec.Mounts ?? [];
  const byTarget = new Map(mounts.map((mount) => [mount.Target, mount]));
  const used = new Set(mounts.filter(isNamedVolume).map(({ Source }) => Source));
  return (live.TaskTemplate.ContainerSpec.Mounts ?? []).filter(isNamedVolume).flatMap((mount) => {
    const { Source, Target } = mount;
    const now = byTarget.get(Target);
    if (now === undefined) {
      if (used.has(Source)) return [];
      const text = `volume ${Source} is not mounted at ${Target} any more: its data stays, but the service does not see it`;
      return [risk("volume_dropped", text)];
    }
    if (isNamedVolume(now) && now.Source === Source) return [];
    const text = `${Target} was volume ${Source} and becomes ${sourceInWords(now)}: the data stays behind`;
    return [risk("volume_changed", text)];
  });
}

function isNamedVolume({ Type, Source = "" }: MountSpec): boolean {
  return (Type ?? "volume") === "volume" && Source !== "";
}

function sourceInWords({ Type = "volume", Source = "" }: MountSpec): string {
  return Source === "" ? `a new ${Type}` : `${Type} ${Source}`;
}

function portRisks(live: ServiceSpec, desired: ServiceSpec): readonly PlanRisk[] {
  const ports = publishedPorts(desired);
  const wanted = new Set(ports.map(portKey));
  return publishedPorts(live)
    .filter((port) => !wanted.has(portKey(port)))
    .map((port) => {
      const now = ports
        .filter((other) => isSameTarget(port, other))
        .map(({ PublishedPort }) => PublishedPort);
      const { PublishedPort, TargetPort } = port;
      const what = `port ${PublishedPort} (${TargetPort}/${protocolOf(port)})`;
      const text = now.length > 0 ? `moves to ${now.join(", ")}` : "is not published any more";
      return risk("port_moved", `${what} ${text}: who calls it there is not answered`);
    });
}

function isSameTarget(one: PortConfig, other: PortConfig): boolean {
  return one.TargetPort === other.TargetPort && protocolOf(one) === protocolOf(other);
}

/** The ports of a spec that have a fixed published number. */
export function publishedPorts({ EndpointSpec }: ServiceSpec): readonly PortConfig[] {
  return (EndpointSpec?.Ports ?? []).filter(({ PublishedPort = 0 }) => PublishedPort !== 0);
}

/** What two services cannot both have: the published number with its protocol. */
export function portKey(port: PortConfig): string {
  return `${port.PublishedPort}/${protocolOf(port)}`;
}

function databaseRisks(live: ServiceSpec, desired: ServiceSpec): readonly PlanRisk[] {
  const { Image: before } = live.TaskTemplate.ContainerSpec;
  const upgrade = databaseUpgrade(before, desired.TaskTemplate.ContainerSpec.Image);
  if (upgrade === null) return [];
  const to = upgrade.after ?? "a version that its tag does not tell";
  const text = `${upgrade.name} goes from ${upgrade.before} to ${to}: its data may need a migration, and a rollback may not read it`;
  return [risk("database_major_changed", text)];
}

function replicaRisks(live: ServiceSpec, desired: ServiceSpec): readonly PlanRisk[] {
  if (live.Mode.Replicated === undefined || desired.Mode.Replicated === undefined) return [];
  const before = live.Mode.Replicated.Replicas ?? 1;
  const after = desired.Mode.Replicated.Replicas ?? 1;
  if (after >= before) return [];
  return [risk("replicas_lowered", `replicas go from ${before} to ${after}`)];
}

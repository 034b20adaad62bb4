import { allowedBind, tidyPath } from "./bind-paths.ts";
import type { GuardedMount, GuardedService } from "./bodies.ts";
import { isOwnName } from "./check-names.ts";
import { ask, type GuardedObject, type GuardView, hasTemplate, show } from "./finding.ts";
import { readLocalVolume } from "./local-volume.ts";
import { isLikeAny } from "./patterns.ts";

/** Carries no mount back to the node. */
const PROPAGATIONS = ["", "private", "rprivate", "slave", "rslave"];
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/u;
/** What nobody but the Swarm chooses. */
const HARMLESS_TEMPLATES = /\{\{\s*\.(?:Task\.Slot|Task\.ID|Node\.ID|Node\.Hostname)\s*\}\}/gu;

/** What a service mounts from its nodes. */
export function checkMounts(view: GuardView, { key, body }: GuardedObject<GuardedService>): void {
  for (const [index, mount] of (body.TaskTemplate.ContainerSpec.Mounts ?? []).entries()) {
    const place = { key: `${key}.volumes[${index}]`, body: mount };
    switch (mount.Type || "volume") {
      case "bind":
        checkBind(view, place);
        break;
      case "volume":
        checkVolume(view, place);
        break;
      case "tmpfs":
        break;
      default:
        view.refuse(place.key, `mounts a ${show(mount.Type ?? "")}, which nobody can allow`);
    }
  }
}

function checkBind(view: GuardView, { key, body: mount }: GuardedObject<GuardedMount>): void {
  const source = mount.Source ?? "";
  const path = tidyPath(source);
  if (path === null) {
    view.refuse(
      key,
      `mounts ${show(source)}, which is no absolute path that can be judged`,
      "Use a volume, or a config for a file of the repository",
    );
    return;
  }
  const propagation = mount.BindOptions?.Propagation ?? "";
  if (!PROPAGATIONS.includes(propagation)) {
    view.refuse(key, `mounts with the propagation ${show(propagation)}, which nobody can allow`);
  }
  checkPath(view, { key, body: mount }, path);
}

function checkPath(
  view: GuardView,
  { key, body: mount }: GuardedObject<GuardedMount>,
  path: string,
): void {
  const entry = allowedBind(view.rules.bindMounts, path);
  if (entry === null) {
    view.refuse(
      key,
      `mounts ${show(path)} of the node, which the operator does not allow`,
      ask("bind_mounts", show(path), "use a volume"),
    );
  } else if (entry.isReadOnly && mount.ReadOnly !== true) {
    view.refuse(
      key,
      `mounts ${show(path)} of the node to write, which the operator does not allow`,
      "Add `read_only: true`",
    );
  }
}

function checkVolume(view: GuardView, place: GuardedObject<GuardedMount>): void {
  const { key, body: mount } = place;
  checkVolumeName(view, key, mount.Source ?? "");
  const driver = mount.VolumeOptions?.DriverConfig;
  const name = driver?.Name || "local";
  if (!view.rules.volumeDrivers.includes(name)) {
    view.refuse(
      key,
      `uses a volume of the driver ${show(name)}, which the operator does not allow`,
      ask("volume_drivers", show(name)),
    );
  }
  if (name !== "local") return;
  const volume = readLocalVolume(driver?.Options ?? {});
  if (volume.kind === "bind") checkPath(view, place, volume.path);
  if (volume.kind === "unknown") {
    view.refuse(key, `uses a volume that ${volume.why}, which nobody can allow`);
  }
}

function checkVolumeName(view: GuardView, key: string, source: string): void {
  if (source === "") return;
  const known = isOwnName(view, source) ? source.replaceAll(HARMLESS_TEMPLATES, "0") : source;
  if (hasTemplate(known)) {
    view.refuse(
      key,
      `uses the volume ${show(source)}, a template that nobody can judge before it is filled in`,
      "Begin the name with the stack's, and use `.Task.Slot` or `.Node.ID` only",
    );
  } else if (!VOLUME_NAME.test(known)) {
    view.refuse(key, `uses ${show(source)}, which is no name of a volume`, "Give it another name");
  } else if (!isOwnName(view, source) && !isLikeAny(view.rules.volumes, source)) {
    view.refuse(
      key,
      `uses the volume ${show(source)}, which is no name of this stack's`,
      ask("volumes", show(source), "leave `name` and `external` out"),
    );
  }
}

import type { StackMount, StackService, StackVolume } from "../model.ts";
import { type Conversion, fullName, stackLabels } from "./conversion.ts";
import { type Body, filled, nonEmpty, own } from "./go-json.ts";

/** The blocks of options a mount may have, and the types that take them. */
const OPTION_TYPES = {
  bind: ["bind", "npipe"],
  volume: ["volume"],
  tmpfs: ["tmpfs"],
} as const;

/** What a type says of its source, in the order in which the CLI looks. */
const SOURCE_RULES: Readonly<Record<string, "needed" | "none">> = {
  bind: "needed",
  npipe: "needed",
  image: "needed",
  cluster: "needed",
  tmpfs: "none",
};

/** A service's mounts, in the file's order. */
export function convertMounts(
  conversion: Conversion,
  key: string,
  service: StackService,
): readonly Body[] {
  return (service.mounts ?? []).map((mount, index) => {
    const type = mount.type || "volume";
    const problem = mountProblem(conversion, type, mount);
    if (problem !== undefined) {
      conversion.refuse({
        code: problem.code,
        key: `services.${key}.volumes[${index}]`,
        message: `service ${key}: ${problem.message}`,
      });
    }
    return nonEmpty({
      Type: mount.type,
      Source: mountSource(conversion, type, mount),
      Target: mount.target,
      ReadOnly: mount.readOnly,
      Consistency: mount.consistency,
      ...mountOptions(conversion, type, mount),
    });
  });
}

function mountProblem(
  { model }: Conversion,
  type: string,
  mount: StackMount,
): { code: string; message: string } | undefined {
  const source = mount.source ?? "";
  if (type !== "volume" && SOURCE_RULES[type] === undefined) {
    const message = "volume type must be volume, bind, tmpfs, npipe, or cluster";
    return { code: "mount_type_unknown", message };
  }
  if (SOURCE_RULES[type] === "needed" && source === "") {
    const message = `invalid ${type} source, source cannot be empty`;
    return { code: "mount_source_missing", message };
  }
  if (SOURCE_RULES[type] === "none" && source !== "") {
    const message = `invalid ${type} source, source must be empty`;
    return { code: "mount_source_unwanted", message };
  }
  const wrong = wrongOptions(type, mount);
  if (wrong !== undefined) {
    const message = `${wrong} options are incompatible with type ${type}`;
    return { code: "mount_options_wrong", message };
  }
  if (isNamedVolume(type, source) && own(model.volumes, source) === undefined) {
    return { code: "undefined_volume", message: `undefined volume ${JSON.stringify(source)}` };
  }
  return undefined;
}

function wrongOptions(type: string, mount: StackMount): string | undefined {
  const order =
    type === "volume" ? (["tmpfs", "bind"] as const) : (["bind", "volume", "tmpfs"] as const);
  return order.find(
    (name) =>
      mount[name] !== undefined && !OPTION_TYPES[name].some((accepted) => accepted === type),
  );
}

function isNamedVolume(type: string, source: string): boolean {
  return (
    source !== "" && (type === "volume" || (type === "cluster" && !source.startsWith("group:")))
  );
}

function mountSource(conversion: Conversion, type: string, mount: StackMount): string | undefined {
  const source = mount.source ?? "";
  return isNamedVolume(type, source)
    ? fullName(conversion, source, own(conversion.model.volumes, source))
    : mount.source;
}

function mountOptions(conversion: Conversion, type: string, mount: StackMount): Body {
  if (type === "volume" && mount.source) {
    const volume = own(conversion.model.volumes, mount.source);
    return { VolumeOptions: volumeOptions(conversion, mount, volume ?? {}) };
  }
  if (type === "cluster") {
    return { ClusterOptions: {} };
  }
  if ((type === "bind" || type === "npipe") && mount.bind !== undefined) {
    return { BindOptions: nonEmpty({ Propagation: mount.bind.propagation }) };
  }
  if (type === "tmpfs" && mount.tmpfs !== undefined) {
    return { TmpfsOptions: nonEmpty({ SizeBytes: mount.tmpfs.sizeBytes }) };
  }
  return {};
}

function volumeOptions(conversion: Conversion, mount: StackMount, volume: StackVolume): Body {
  const options = { NoCopy: mount.volume?.noCopy, Subpath: mount.volume?.subpath };
  if (volume.isExternal === true) {
    return nonEmpty(options);
  }
  const hasDriver = Boolean(volume.driver) || volume.driverOpts !== undefined;
  return nonEmpty({
    ...options,
    Labels: stackLabels(conversion, volume.labels),
    DriverConfig: hasDriver
      ? nonEmpty({ Name: volume.driver, Options: filled(volume.driverOpts) })
      : undefined,
  });
}

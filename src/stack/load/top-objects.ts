import type { StackFileObject, StackNetwork, StackVolume } from "../model.ts";
import { defined, fieldsOf, type Fields } from "./fields.ts";
import { labelsOf } from "./pairs.ts";
import { isMapping } from "./value.ts";

/** A secret or a config before its file is read. */
export interface UnreadFileObject extends Omit<StackFileObject, "data"> {
  /** Undefined where no file is to be read. */
  readonly file?: string;
}

/** A top-level network. */
export function readNetwork(fields: Fields, key: string): StackNetwork {
  const external = readExternal(fields, key, "network");
  return defined<StackNetwork>({
    ...external,
    driver: fields.text("driver"),
    driverOpts: labelsOf(fields.value("driver_opts")),
    internal: fields.flag("internal"),
    attachable: fields.flag("attachable"),
    labels: labelsOf(fields.value("labels")),
    ipam: fields.inside("ipam", (ipam) =>
      defined({
        driver: ipam.text("driver"),
        subnets: ipam.each("config", (value, at) => fieldsOf(value, at).text("subnet") ?? ""),
      }),
    ),
  });
}

/** A top-level volume; an external one may say nothing of how it is made. */
export function readVolume(fields: Fields, key: string): StackVolume {
  const external = readExternal(fields, key, "volume");
  const volume = defined<StackVolume>({
    ...external,
    driver: fields.text("driver"),
    driverOpts: labelsOf(fields.value("driver_opts")),
    labels: labelsOf(fields.value("labels")),
  });
  if (external.isExternal === true) refuseOwn(fields, volume, key);
  return volume;
}

function refuseOwn(fields: Fields, volume: StackVolume, key: string): void {
  const { driver = "", driverOpts = {}, labels = {} } = volume;
  const own: readonly (readonly [string, boolean])[] = [
    ["driver", driver !== ""],
    ["driver_opts", Object.keys(driverOpts).length > 0],
    ["labels", Object.keys(labels).length > 0],
  ];
  const found = own.find(([, isSaid]) => isSaid)?.[0];
  if (found === undefined) return;
  const cause = `conflicting parameters "external" and "${found}" specified for volume "${key}"`;
  fields.at.to(found).refuse("external_conflict", `${cause}: keep one of them.`);
}

/** A top-level secret or config, its file not read yet. */
export function readFileObject(
  fields: Fields,
  key: string,
  kind: "secret" | "config",
): UnreadFileObject {
  const external = readExternal(fields, key, kind);
  const driver = fields.text("driver");
  const isDriven = driver !== undefined && driver !== "";
  const file = fields.text("file") ?? "";
  if (external.isExternal !== true && isDriven && file !== "") {
    const cause = `${kind} ${key}: ${kind}.driver and ${kind}.file conflict`;
    fields.at.to("file").refuse("driver_conflict", `${cause}; only use ${kind}.driver`);
  }
  return defined<UnreadFileObject>({
    ...external,
    file: external.isExternal === true || isDriven ? undefined : file,
    labels: labelsOf(fields.value("labels")),
    driver,
    driverOpts: labelsOf(fields.value("driver_opts")),
    templateDriver: fields.text("template_driver"),
  });
}

interface External {
  readonly name: string | undefined;
  readonly isExternal: boolean | undefined;
}

/** Whether it is made elsewhere, and its name there: `name`, the old `external.name`, or the key. */
function readExternal(fields: Fields, key: string, kind: string): External {
  const value = fields.value("external");
  const name = fields.text("name");
  const isExternal = isMapping(value) ? true : fields.flag("external");
  if (isExternal !== true) return { name, isExternal };
  const oldName = fields.inside("external", (external) => external.text("name")) ?? "";
  if (oldName !== "" && (name ?? "") !== "") {
    const cause = `${kind} ${key}: ${kind}.external.name and ${kind}.name conflict`;
    fields.at.to("name").refuse("external_conflict", `${cause}; only use ${kind}.name`);
  }
  return { name: oldName || name || key, isExternal };
}

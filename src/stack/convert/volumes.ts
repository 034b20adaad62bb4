import type { StackVolume } from "../model.ts";
import type { Conversion } from "./conversion.ts";
import { sortedEntries } from "./go-json.ts";

/** Refuses an external volume that says how it should be made. Volumes are made by the nodes, so none is converted. */
export function checkVolumes(conversion: Conversion): void {
  for (const [key, volume] of sortedEntries(conversion.model.volumes)) {
    const field = volume.isExternal === true ? conflictingField(volume) : undefined;
    if (field !== undefined) {
      conversion.refuse({
        code: "external_conflict",
        key: `volumes.${key}.${field}`,
        message: `conflicting parameters "external" and "${field}" specified for volume ${JSON.stringify(key)}`,
      });
    }
  }
}

function conflictingField({ driver, driverOpts, labels }: StackVolume): string | undefined {
  if (driver) {
    return "driver";
  }
  if (Object.keys(driverOpts ?? {}).length > 0) {
    return "driver_opts";
  }
  return Object.keys(labels ?? {}).length > 0 ? "labels" : undefined;
}

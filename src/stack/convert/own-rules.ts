import { posix } from "node:path";
import { isSkepLabel } from "../../swarm-objects.ts";
import { isWindowsPath } from "../load/folder.ts";
import type { Labels, StackModel } from "../model.ts";
import type { Conversion } from "./conversion.ts";
import { findCycles } from "./cycles.ts";
import { own, sortedEntries } from "./go-json.ts";

/** Refuses what would do harm in Skep's hands; the CLI knows none of these rules. */
export function checkOwnRules(conversion: Conversion): void {
  if (conversion.asCli) return;
  checkLabels(conversion);
  checkDependencies(conversion);
  checkMounts(conversion);
  checkRatios(conversion);
}

/** The engine looks at that of the update only. */
function checkRatios(conversion: Conversion): void {
  for (const [key, { deploy }] of sortedEntries(conversion.model.services)) {
    const ratio = deploy?.rollbackConfig?.maxFailureRatio ?? 0;
    if (ratio >= 0 && ratio <= 1) continue;
    conversion.refuse({
      code: "bad_number",
      key: `services.${key}.deploy.rollback_config.max_failure_ratio`,
      message: `${ratio} is no ratio: write a number from 0 to 1`,
    });
  }
}

function checkLabels(conversion: Conversion): void {
  for (const [key, labels] of labelled(conversion.model)) {
    for (const name of Object.keys(labels ?? {}).filter(isSkepLabel)) {
      conversion.refuse({
        code: "label_reserved",
        key: `${key}.${name}`,
        message: `labels that begin with skep. are Skep's own: rename ${JSON.stringify(name)}`,
      });
    }
  }
}

function labelled(model: StackModel): readonly (readonly [key: string, Labels | undefined])[] {
  const services = sortedEntries(model.services).flatMap(
    ([key, { labels, deploy }]) =>
      [
        [`services.${key}.labels`, labels],
        [`services.${key}.deploy.labels`, deploy?.labels],
      ] as const,
  );
  const others = (["networks", "volumes", "configs", "secrets"] as const).flatMap((section) =>
    Object.entries<{ readonly labels?: Labels }>(model[section]).map(
      ([key, { labels }]) => [`${section}.${key}.labels`, labels] as const,
    ),
  );
  return [...services, ...others];
}

/** Services that wait for each other would never start. */
function checkDependencies(conversion: Conversion): void {
  const { services } = conversion.model;
  for (const [key, { dependsOn = {} }] of sortedEntries(services)) {
    for (const [name, { isRequired }] of sortedEntries(dependsOn)) {
      if (!isRequired || own(services, name) !== undefined) continue;
      conversion.refuse({
        code: "depends_on_unknown",
        key: `services.${key}.depends_on.${name}`,
        message: `service ${key} depends on ${JSON.stringify(name)}, which is no service of the stack: correct the name, or leave it out`,
      });
    }
  }
  const edges = sortedEntries(services).map(
    ([key, { dependsOn = {} }]) => [key, Object.keys(dependsOn).toSorted()] as const,
  );
  for (const cycle of findCycles(new Map(edges))) {
    conversion.refuse({
      code: "depends_on_cycle",
      key: `services.${cycle[0]}.depends_on`,
      message: `${cycle.join(" → ")}: these services wait for each other, and so none could start: take one depends_on out`,
    });
  }
}

/** The engine takes a mount that leads nowhere, and no task starts. A folder of the repository is on no node. */
function checkMounts(conversion: Conversion): void {
  for (const [key, { mounts = [] }] of sortedEntries(conversion.model.services)) {
    for (const [index, { type, source = "", target }] of mounts.entries()) {
      if (target === "") {
        conversion.refuse({
          code: "mount_target",
          key: `services.${key}.volumes[${index}]`,
          message: "this does not say where in the container it is mounted: add target",
        });
      }
      if (type !== "bind" || posix.isAbsolute(source) || isWindowsPath(source)) continue;
      conversion.refuse({
        code: "bind_relative",
        key: `services.${key}.volumes[${index}]`,
        message: `${source} is a folder of the repository, which is on no node: name an absolute path of the nodes, or use a named volume, a config, or files in the image`,
      });
    }
  }
}

import type { StackDeploy, StackService, StackUpdateConfig } from "../model.ts";
import type { Conversion } from "./conversion.ts";
import { type Fault, fault } from "./engine-fault.ts";
import { isHostPort, protocolOf } from "./engine-ports.ts";
import { templateFaults } from "./engine-templates.ts";
import { sortedEntries } from "./go-json.ts";

const FAILURE_ACTIONS = ["", "pause", "continue", "rollback"];
const RESTART_CONDITIONS = ["", "none", "on-failure", "any"];
const PROPAGATIONS = ["", "rprivate", "private", "rshared", "shared", "rslave", "slave"];
const ENDPOINT_MODES = ["", "vip", "dnsrr"];

/** A thousandth of a CPU. */
const LEAST_NANO_CPUS = 1_000_000;
const LEAST_MEMORY_BYTES = 4 * 1024 * 1024;

/** Refuses the settings of services that every engine refuses, which the CLI learns one service after the other. */
export function checkSettings(conversion: Conversion): void {
  for (const [key, service] of sortedEntries(conversion.model.services)) {
    const { deploy = {} } = service;
    const faults: readonly Fault[] = [
      ...imageFaults(service),
      ...templateFaults(service),
      ...mountFaults(service),
      ...resourceFaults(deploy),
      ...restartFaults(deploy),
      ...placementFaults(deploy),
      ...updateFaults(deploy),
      ...jobFaults(deploy),
      ...endpointFaults(service),
    ];
    for (const [path, problem] of faults) {
      conversion.refuse({
        code: "engine_refuses",
        key: `services.${key}.${path}`,
        message: `failed to create service ${conversion.stack}_${key}: ${problem}`,
      });
    }
  }
}

/** Names that the CLI lets through. A registry's name may be written in small letters as well. */
function imageFaults({ image = "" }: StackService): readonly Fault[] {
  const [first = "", ...rest] = image.split("/");
  const isUpper = rest.length > 0 && first !== first.toLowerCase() && !/[.:]/.test(first);
  const isId = /^[a-f0-9]{64}$/.test(image);
  return fault(
    isUpper || isId,
    "image",
    `ContainerSpec: ${JSON.stringify(image)} is not a valid repository/tag`,
  );
}

function mountFaults({ mounts = [] }: StackService): readonly Fault[] {
  const seen = new Set<string>();
  return mounts.flatMap(({ target, bind }, index): Fault[] => {
    const path = `volumes[${index}]`;
    const isTaken = seen.has(target);
    seen.add(target);
    const propagation = bind?.propagation ?? "";
    return [
      ...fault(isTaken, path, `ContainerSpec: duplicate mount point: ${target}`),
      ...fault(
        !PROPAGATIONS.includes(propagation),
        `${path}.bind.propagation`,
        `invalid MountPropagation: ${JSON.stringify(propagation)}`,
      ),
    ];
  });
}

function resourceFaults({ limits, reservations }: StackDeploy): readonly Fault[] {
  return Object.entries({ limits, reservations }).flatMap(([name, amounts]) => {
    const { nanoCpus = 0, memoryBytes = 0 } = amounts ?? {};
    return [
      ...fault(
        nanoCpus !== 0 && nanoCpus < LEAST_NANO_CPUS,
        `deploy.resources.${name}.cpus`,
        `invalid cpu value ${nanoCpus / 1e9}: Must be at least 0.001`,
      ),
      ...fault(
        memoryBytes !== 0 && memoryBytes < LEAST_MEMORY_BYTES,
        `deploy.resources.${name}.memory`,
        `invalid memory value ${memoryBytes}: Must be at least 4MiB`,
      ),
    ];
  });
}

function restartFaults({ restartPolicy = {} }: StackDeploy): readonly Fault[] {
  const { condition = "", delayNs = 0, windowNs = 0 } = restartPolicy;
  const path = "deploy.restart_policy";
  return [
    ...fault(
      !RESTART_CONDITIONS.includes(condition),
      `${path}.condition`,
      `invalid RestartCondition: ${JSON.stringify(condition)}`,
    ),
    ...fault(delayNs < 0, `${path}.delay`, "TaskSpec: restart-delay cannot be negative"),
    ...fault(windowNs < 0, `${path}.window`, "TaskSpec: restart-window cannot be negative"),
  ];
}

function placementFaults({ placement }: StackDeploy): readonly Fault[] {
  return (placement?.constraints ?? []).flatMap((constraint, index) =>
    fault(
      !/[!=]=/.test(constraint),
      `deploy.placement.constraints[${index}]`,
      "constraint expected one operator from ==, !=",
    ),
  );
}

function updateFaults({ updateConfig = {}, rollbackConfig = {} }: StackDeploy): readonly Fault[] {
  const { delayNs = 0, monitorNs = 0, maxFailureRatio: ratio = 0 } = updateConfig;
  const path = "deploy.update_config";
  return [
    ...actionFault(path, updateConfig),
    ...actionFault("deploy.rollback_config", rollbackConfig),
    ...fault(delayNs < 0, `${path}.delay`, "TaskSpec: update-delay cannot be negative"),
    ...fault(monitorNs < 0, `${path}.monitor`, "TaskSpec: update-monitor cannot be negative"),
    ...fault(
      ratio < 0 || ratio > 1,
      `${path}.max_failure_ratio`,
      "TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1",
    ),
  ];
}

function actionFault(path: string, { failureAction = "" }: StackUpdateConfig): readonly Fault[] {
  return fault(
    !FAILURE_ACTIONS.includes(failureAction),
    `${path}.failure_action`,
    `unrecognized update failure action ${failureAction}`,
  );
}

function jobFaults({ mode = "", updateConfig }: StackDeploy): readonly Fault[] {
  return fault(
    mode.endsWith("-job") && updateConfig !== undefined,
    "deploy.update_config",
    "Jobs may not have an update config",
  );
}

function endpointFaults({ deploy, ports = [] }: StackService): readonly Fault[] {
  const mode = (deploy?.endpointMode ?? "").toLowerCase();
  const published = ports
    .filter((port) => (port.published ?? 0) > 0)
    .map((port) => `${port.published}/${protocolOf(port)}`);
  return [
    ...fault(
      !ENDPOINT_MODES.includes(mode),
      "deploy.endpoint_mode",
      `invalid resolution mode: ${JSON.stringify(mode)}`,
    ),
    ...fault(
      mode === "dnsrr" && ports.some((port) => !isHostPort(port)),
      "ports",
      "EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
    ),
    ...fault(
      new Set(published).size < published.length,
      "ports",
      "EndpointSpec: duplicate published ports provided",
    ),
  ];
}

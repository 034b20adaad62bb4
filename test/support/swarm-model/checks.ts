import { SkepError } from "../../../src/errors.ts";
import { modeOf, type ServiceSpec } from "../../../src/swarm-objects.ts";
import { isJob, type SwarmModel } from "./model.ts";
import { isConstraint, portConflict } from "./placement.ts";

const PREDEFINED = new Set(["host", "bridge", "none"]);

/** Throws what the real Swarm would for a spec that it does not take. `before` is what the service runs now. */
export function checkSpec(
  model: SwarmModel,
  action: string,
  spec: ServiceSpec,
  before: ServiceSpec | null,
): void {
  checkNetworks(model, action, spec);
  checkFiles(model, action, spec);
  if (!isName(spec.Name)) {
    throw rejected(`${action}: name must be valid as a DNS name component`);
  }
  const wrong = spec.TaskTemplate.Placement.Constraints?.find((text) => !isConstraint(text));
  if (wrong !== undefined) {
    throw rejected(`${action}: constraint expected one operator from ==, !=`);
  }
  if (before !== null && modeOf(before) !== modeOf(spec)) {
    throw rejected(`${action}: service mode change is not allowed`);
  }
  if (isJob(spec) && spec.UpdateConfig) {
    throw rejected(`${action}: Jobs may not have an update config`);
  }
  const taken = portConflict(model, spec);
  if (taken !== null) throw new SkepError("port_in_use", `${action}: ${taken}`);
}

/** Whether services and networks may be called so. */
export function isName(name: string): boolean {
  return /^[a-z0-9](?:[\w-]*[a-z0-9])?$/iu.test(name);
}

/** The words for what the Swarm does not take. */
export function rejected(message: string): SkepError {
  return new SkepError("spec_rejected", message);
}

function checkNetworks(model: SwarmModel, action: string, spec: ServiceSpec): void {
  for (const { Target } of spec.TaskTemplate.Networks ?? []) {
    if (PREDEFINED.has(Target)) continue;
    const network = model.networks.get(Target);
    if (!network) {
      throw new SkepError("network_not_found", `${action}: network ${Target} not found`);
    }
    if (network.isIngress) {
      throw rejected(`${action}: Service cannot be explicitly attached to the ingress network`);
    }
  }
}

function checkFiles(model: SwarmModel, action: string, spec: ServiceSpec): void {
  const { Configs = [], Secrets = [] } = spec.TaskTemplate.ContainerSpec;
  for (const { ConfigName = "" } of Configs) {
    if (!model.files.config.has(ConfigName)) throw missing(action, "config", ConfigName);
  }
  for (const { SecretName = "" } of Secrets) {
    if (!model.files.secret.has(SecretName)) throw missing(action, "secret", SecretName);
  }
}

function missing(action: string, kind: string, name: string): SkepError {
  return new SkepError("file_not_found", `${action}: ${kind} not found: ${name}`);
}

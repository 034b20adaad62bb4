import { doOverlap } from "../../../src/deployer/docker/subnets.ts";
import { SkepError } from "../../../src/errors.ts";
import { STACK_LABELS, type NetworkSpec, type ServiceSpec } from "../../../src/swarm-objects.ts";
import type { LiveNetwork } from "../../../src/deployer/ports.ts";
import { isName, rejected } from "./checks.ts";
import { isOver, type SwarmModel } from "./model.ts";

const LOCAL = new Set(["host", "bridge", "none"]);

/** A network of the model by its parts. */
export function network(model: SwarmModel, parts: Partial<LiveNetwork> & { name: string }) {
  const taken = model.networks.size;
  return {
    id: model.newId(),
    driver: "overlay",
    labels: {},
    options: {},
    isInternal: false,
    isAttachable: false,
    isIngress: false,
    subnets: [`10.${Math.floor(taken / 256)}.${taken % 256}.0/24`],
    ...parts,
  } satisfies LiveNetwork;
}

/** Whether tasks are still on a network that was removed. */
export function isLeaving(model: SwarmModel, name: string): boolean {
  return model.leaving.get(name)?.some((task) => !isOver(task)) ?? false;
}

/** Makes a network; says whether the stack did not have it before. */
export function createNetwork(model: SwarmModel, spec: NetworkSpec): boolean {
  const { Labels, Name } = spec;
  const action = `creating network ${Name}`;
  const exists = `${action}: network with name ${Name} already exists`;
  const subnets = (spec.IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet ? [Subnet] : []));
  for (const there of model.networks.values()) {
    const isTaken = subnets.some((ours) => there.subnets.some((each) => doOverlap(ours, each)));
    if (there.name === Name || !isTaken) continue;
    throw new SkepError("subnet_in_use", `${action}: subnet overlaps that of ${there.name}`);
  }
  const there = model.networks.get(Name);
  const stack = Labels[STACK_LABELS.namespace];
  if (there && stack !== undefined && there.labels[STACK_LABELS.namespace] === stack) return false;
  if (there || LOCAL.has(Name) || isLeaving(model, Name)) throw rejected(exists);
  if (!isName(Name)) throw rejected(`${action}: name must be valid as a DNS name component`);
  const created = network(model, {
    name: Name,
    driver: spec.Driver,
    labels: { ...Labels },
    options: { ...spec.Options },
    isInternal: spec.Internal,
    isAttachable: spec.Attachable,
    ...(subnets.length > 0 ? { subnets } : {}),
  });
  model.networks.set(Name, created);
  return true;
}

/** Removes a network that no service joins; says whether it did. Tasks that are stopping keep its name for a while. */
export function removeNetwork(model: SwarmModel, name: string): boolean {
  const services = [...model.services.values()];
  if (services.some(({ spec }) => joins(spec, name))) return false;
  if (!model.networks.delete(name)) return false;
  const tasks = [...model.orphans, ...services.flatMap((service) => service.tasks)];
  const left = tasks.filter((task) => !isOver(task) && joins(task.spec, name));
  model.leaving.set(name, left);
  return true;
}

function joins(spec: ServiceSpec, name: string): boolean {
  return spec.TaskTemplate.Networks?.some(({ Target }) => Target === name) ?? false;
}

import { STACK_LABELS } from "../../swarm-objects.ts";
import type { NetworkSpec } from "../../swarm-objects.ts";
import type { LiveNetwork } from "../ports.ts";
import { isOverlapping } from "./subnets.ts";
import { fail, type PreflightView, whose } from "./view.ts";

/** Of the nodes themselves: there without the Swarm knowing them. */
const PREDEFINED = new Set(["bridge", "default", "host", "none"]);

/** Networks that cannot be created, and those that should be there and are not. */
export function checkNetworks(view: PreflightView): void {
  const { plan, live, release } = view;
  const created = plan.networks.filter(({ kind }) => kind === "create").map(({ spec }) => spec);
  const byName = new Map(live.networks.map((network) => [network.name, network]));
  for (const [index, spec] of created.entries()) {
    const holder = byName.get(spec.Name);
    if (holder !== undefined) refuseHeld(view, spec, holder);
    const others = [
      ...live.networks.map(({ name, subnets }) => ({ name, subnets })),
      ...created.slice(0, index).map((one) => ({ name: one.Name, subnets: subnetsOf(one) })),
    ];
    checkSubnets(view, spec, others);
  }
  for (const name of release.external.networks) {
    if (byName.has(name) || PREDEFINED.has(name)) continue;
    fail(view, {
      code: "network_not_found",
      key: `networks.${name}`,
      summary: `the Swarm has no network ${name}`,
      nextStep: `Create it on a manager (docker network create --driver overlay --attachable ${/^[\w.-]+$/u.test(name) ? name : "…"}), or name another one.`,
    });
  }
}

function keyOf({ stackName }: PreflightView, { Name: name }: NetworkSpec): string {
  return `networks.${name.startsWith(`${stackName}_`) ? name.slice(stackName.length + 1) : name}`;
}

function refuseHeld(view: PreflightView, spec: NetworkSpec, holder: LiveNetwork): void {
  const stack = holder.labels[STACK_LABELS.namespace] ?? null;
  fail(view, {
    code: "stack_not_owned",
    key: keyOf(view, spec),
    summary: `a network ${spec.Name} exists already and is part of ${whose(stack)}`,
    nextStep: "Give the network another name, or declare it `external`.",
  });
}

function checkSubnets(
  view: PreflightView,
  spec: NetworkSpec,
  others: readonly { readonly name: string; readonly subnets: readonly string[] }[],
): void {
  for (const subnet of subnetsOf(spec)) {
    for (const other of others) {
      const taken = other.subnets.find((one) => isOverlapping(one, subnet));
      if (taken === undefined || other.name === spec.Name) continue;
      fail(view, {
        code: "subnet_in_use",
        key: `${keyOf(view, spec)}.ipam`,
        summary: `the subnet ${subnet} overlaps ${taken} of the network ${other.name}`,
        nextStep: "Choose another subnet, or leave it to Docker.",
      });
    }
  }
}

function subnetsOf({ IPAM: ipam }: NetworkSpec): readonly string[] {
  return (ipam?.Config ?? []).flatMap(({ Subnet: subnet }) => subnet || []);
}

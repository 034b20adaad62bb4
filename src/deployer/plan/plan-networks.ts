import type { PlanOperation, PlanRisk } from "../../deployment.ts";
import { STACK_LABELS, type NetworkSpec } from "../../swarm-objects.ts";
import type { LiveNetwork } from "../ports.ts";
import { risk } from "./risks.ts";
import type { PlannedNetwork } from "./stack-plan.ts";

/** Written by the engine itself among the options of an overlay network. */
const ENGINE_OPTION = "com.docker.network.driver.overlay.vxlanid_list";

/** What is done to one network, for the deployer and for people. */
export interface NetworkPlan {
  readonly planned: PlannedNetwork;
  readonly operation: PlanOperation;
}

/**
 * Plans the networks that a stack owns, sorted by name. One that is there is kept however it differs: the Swarm cannot
 * change a network.
 */
export function planNetworks(
  stackName: string,
  specs: readonly NetworkSpec[],
  live: readonly LiveNetwork[],
): readonly NetworkPlan[] {
  const own = live.filter(({ labels }) => labels[STACK_LABELS.namespace] === stackName);
  const byName = new Map(own.map((network) => [network.name, network]));
  return specs
    .toSorted((one, other) => (one.Name < other.Name ? -1 : 1))
    .map((spec) => {
      const found = byName.get(spec.Name);
      const target = `network ${spec.Name}`;
      const told = { effect: "none", changes: [] } as const;
      if (found === undefined) {
        const reason = "it does not exist yet";
        const operation = { kind: "create", target, reason, ...told, risks: [] } as const;
        return { planned: { kind: "create", spec }, operation };
      }
      const risks = networkRisks(spec, found);
      const reason = risks.length === 0 ? "it is so already" : "it cannot be changed";
      return {
        planned: { kind: "keep", spec },
        operation: { kind: "keep", target, reason, ...told, risks },
      };
    });
}

function networkRisks(spec: NetworkSpec, live: LiveNetwork): readonly PlanRisk[] {
  const differing = [
    spec.Driver === live.driver ? null : "driver",
    hasOptions(spec, live) ? null : "driver_opts",
    spec.Internal === live.isInternal ? null : "internal",
    spec.Attachable === live.isAttachable ? null : "attachable",
    hasSubnets(spec, live) ? null : "subnets",
  ].filter((name) => name !== null);
  if (differing.length === 0) return [];
  const text = `${spec.Name} differs in ${differing.join(", ")}, which the Swarm cannot change: give it another name, or remove the stack first`;
  return [risk("network_differs", text)];
}

function hasOptions({ Options }: NetworkSpec, { options }: LiveNetwork): boolean {
  const wanted = new Map(Object.entries(Options ?? {}));
  const found = new Map(Object.entries(options).filter(([name]) => name !== ENGINE_OPTION));
  wanted.delete(ENGINE_OPTION);
  return (
    wanted.size === found.size && [...wanted].every(([name, text]) => found.get(name) === text)
  );
}

/** The engine chooses what is left open. */
function hasSubnets({ IPAM }: NetworkSpec, { subnets }: LiveNetwork): boolean {
  const wanted = (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
  if (wanted.length === 0) return true;
  return wanted.toSorted().join(" ") === subnets.toSorted().join(" ");
}

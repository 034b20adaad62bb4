import type { PlanOperation } from "../../deployment.ts";
import type { LiveService } from "../ports.ts";
import { portKey, publishedPorts, risk } from "./risks.ts";
import type { PlannedRemoval, PlannedService } from "./stack-plan.ts";

/** What is done to a service that the release does not have, for the deployer and for people. */
export interface RemovalPlan {
  readonly planned: PlannedRemoval;
  readonly operation: PlanOperation;
}

/** Plans the removal of those live services of a stack that its release does not have: first what is in the way. */
export function planRemovals(
  live: readonly LiveService[],
  services: readonly PlannedService[],
): readonly RemovalPlan[] {
  const names = new Set(services.map(({ spec }) => spec.Name));
  const changing = services.filter(({ kind }) => kind !== "keep");
  const wanted = new Set(changing.flatMap(({ spec }) => publishedPorts(spec).map(portKey)));
  const plans = live
    .filter(({ spec }) => !names.has(spec.Name))
    .toSorted((one, other) => (one.spec.Name < other.spec.Name ? -1 : 1))
    .map((service) => planRemoval(service, wanted));
  return [
    ...plans.filter(({ planned }) => planned.isFirst),
    ...plans.filter(({ planned }) => !planned.isFirst),
  ];
}

function planRemoval(live: LiveService, wanted: ReadonlySet<string>): RemovalPlan {
  const { Name } = live.spec;
  const port = publishedPorts(live.spec).find((each) => wanted.has(portKey(each)));
  const isFirst = port !== undefined;
  const reason = "the release does not have it";
  return {
    planned: { live, isFirst },
    operation: {
      kind: "remove",
      target: `service ${Name}`,
      reason: isFirst ? `${reason}; first, because it holds port ${portKey(port)}` : reason,
      effect: "stop",
      changes: [],
      risks: [risk("service_removed", `${Name} is removed; its volumes stay`)],
    },
  };
}

import { parseConstraint } from "../swarm-constraint.ts";
import type { GuardedService } from "./bodies.ts";
import { ask, type GuardedObject, type GuardView } from "./finding.ts";

/** Where managers are kept free, every service says so itself: what is added unseen would surprise. */
export function checkPlacement(
  view: GuardView,
  { key, body }: GuardedObject<GuardedService>,
): void {
  if (view.rules.managerNodes) return;
  const constraints = body.TaskTemplate.Placement?.Constraints ?? [];
  if (constraints.some(isForWorkers)) return;
  view.refuse(
    `${key}.deploy.placement`,
    "may run on managers, which the operator does not allow",
    ask("manager_nodes", "it", "add the constraint `node.role == worker`"),
  );
}

function isForWorkers(text: string): boolean {
  const constraint = parseConstraint(text);
  if (constraint?.key.toLowerCase() !== "node.role") return false;
  return constraint.value.toLowerCase() === (constraint.isEqual ? "worker" : "manager");
}

import type { PlanOperation } from "../../deployment.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import type { SpecChange } from "./spec-diff.ts";
import { modeOf } from "./spec-normal-form.ts";

type Effect = PlanOperation["effect"];

/** Whether a service runs to its end, rather than for ever. */
export function isJob(spec: ServiceSpec): boolean {
  return modeOf(spec.Mode).endsWith("Job");
}

/** What creating a service does. */
export function createEffect(spec: ServiceSpec): Effect {
  return spec.Mode.Replicated?.Replicas === 0 ? "none" : "start";
}

/** What an update does to running tasks. `nodes` is how many tasks a global service has. */
export function updateEffect(
  changes: readonly SpecChange[],
  { desired, live, nodes }: { desired: ServiceSpec; live: ServiceSpec; nodes: number },
): Effect {
  // Swarm runs a job again for any update, even of a label.
  if (isJob(desired)) return "start";
  if (changes.some(({ restarts }) => restarts)) return restartEffect(desired, nodes);
  const difference = tasksOf(desired, nodes) - tasksOf(live, nodes);
  if (difference === 0) return "none";
  return difference > 0 ? "start" : "stop";
}

/** Whether some task serves at all times, or the service is away for a moment. */
export function restartEffect(desired: ServiceSpec, nodes: number): Effect {
  if (isJob(desired)) return "start";
  const wanted = tasksOf(desired, nodes);
  if (wanted === 0) return "stop";
  const { Order, Parallelism } = desired.UpdateConfig ?? { Order: "stop-first", Parallelism: 1 };
  if (Order === "start-first") return "rolling_update";
  return Parallelism > 0 && Parallelism < wanted ? "rolling_update" : "restart";
}

function tasksOf({ Mode }: ServiceSpec, nodes: number): number {
  return modeOf(Mode) === "Global" ? Math.max(1, nodes) : (Mode.Replicated?.Replicas ?? 1);
}

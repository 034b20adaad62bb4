import type { PlanOperation } from "../../deployment.ts";
import type { LiveService } from "../ports.ts";
import { wantedTasks } from "../rollout/limits.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import { diffSpecs, type SpecChange } from "./spec-diff.ts";

/** What a plan compares. */
export interface PlanRequest {
  readonly desired: ServiceSpec;
  /** The service as the engine holds it, networks by name; null when there is none. */
  readonly live: LiveService | null;
}

/**
 * What would make the Swarm match the desired spec. `keep` means that nothing may be sent: even an identical update
 * would destroy the version that Swarm can roll back to.
 */
export function planService({ desired, live }: PlanRequest): readonly PlanOperation[] {
  const target = `service ${desired.Name}`;
  if (live === null) {
    const effect = wantedTasks(desired) === 0 ? "none" : "start";
    return [{ kind: "create", target, reason: "it does not exist yet", effect, changes: [] }];
  }
  const changes = diffSpecs(live.spec, desired);
  if (changes.length > 0) {
    const reason = reasonOf(changes);
    const effect = effectOf(changes, { desired, live: live.spec });
    return [{ kind: "update", target, reason, effect, changes: changes.map(({ text }) => text) }];
  }
  if (isPaused(live)) {
    const reason = "its last update was paused half-way";
    return [{ kind: "update", target, reason, effect: restartEffect(desired), changes: [] }];
  }
  return [{ kind: "keep", target, reason: "it is so already", effect: "none", changes: [] }];
}

function isPaused({ update }: LiveService): boolean {
  return update?.state === "paused" || update?.state === "rollback_paused";
}

const MOST_NAMES = 3;

function reasonOf(changes: readonly SpecChange[]): string {
  const names = [...new Set(changes.map(({ setting }) => setting))];
  const shown = names.slice(0, MOST_NAMES).join(", ");
  const more = names.length - MOST_NAMES;
  const differ = names.length === 1 ? "differs" : "differ";
  return more > 0 ? `${shown} and ${more} more ${differ}` : `${shown} ${differ}`;
}

function effectOf(
  changes: readonly SpecChange[],
  specs: { readonly desired: ServiceSpec; readonly live: ServiceSpec },
): PlanOperation["effect"] {
  if (changes.some(({ restarts }) => restarts)) return restartEffect(specs.desired);
  const difference = wantedTasks(specs.desired) - wantedTasks(specs.live);
  if (difference === 0) return "none";
  return difference > 0 ? "start" : "stop";
}

/** Whether some task serves at all times, or the service is away for a moment. */
function restartEffect(desired: ServiceSpec): PlanOperation["effect"] {
  const wanted = wantedTasks(desired);
  if (wanted === 0) return "stop";
  const { Order, Parallelism } = desired.UpdateConfig ?? { Order: "stop-first", Parallelism: 1 };
  if (Order === "start-first") return "rolling_update";
  return Parallelism > 0 && Parallelism < wanted ? "rolling_update" : "restart";
}

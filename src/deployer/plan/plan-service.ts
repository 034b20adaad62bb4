import type { PlanOperation } from "../../deployment.ts";
import type { ReleaseService } from "../../release.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import type { LiveService } from "../ports.ts";
import { createEffect, isJob, restartEffect, updateEffect } from "./effect.ts";
import { createRisks, updateRisks } from "./risks.ts";
import { settleSpec } from "./service-spec.ts";
import { shorten } from "./shorten.ts";
import { diffSpecs, type SpecChange } from "./spec-diff.ts";
import { modeOf } from "./spec-normal-form.ts";
import type { PlannedService } from "./stack-plan.ts";

/** One service as it shall be and as it is. */
export interface ServicePlanRequest {
  readonly service: Pick<ReleaseService, "key" | "image" | "dependsOn">;
  /** With final names and Skep's labels. */
  readonly desired: ServiceSpec;
  /** Null when the stack has none of this name. */
  readonly live: LiveService | null;
  /** How many nodes may run tasks. */
  readonly nodes: number;
}

/** What is done to one service, for the deployer and for people. */
export interface ServicePlan {
  readonly planned: PlannedService;
  readonly operation: PlanOperation;
}

/**
 * What would make the Swarm match one desired spec. `keep` means that nothing may be sent: even an identical update
 * would destroy the version that Swarm can roll back to.
 */
export function planService(request: ServicePlanRequest): ServicePlan {
  const { service, desired, live, nodes } = request;
  const { key, dependsOn, image } = service;
  const target = `service ${desired.Name}`;
  const plan = (
    kind: PlannedService["kind"],
    spec: ServiceSpec,
    told: Pick<PlanOperation, "reason" | "effect" | "changes" | "risks">,
  ): ServicePlan => ({
    planned: { kind, key, spec, live, dependsOn },
    operation: { kind: kind === "recreate" ? "update" : kind, target, ...told },
  });

  if (live === null) {
    const risks = createRisks(desired, image);
    const effect = createEffect(desired);
    return plan("create", desired, { reason: "it does not exist yet", effect, changes: [], risks });
  }
  if (modeOf(live.spec.Mode) !== modeOf(desired.Mode)) {
    return plan("recreate", desired, {
      reason: "its mode differs, which the Swarm cannot change",
      effect: "recreate",
      changes: diffSpecs(live.spec, desired).map(({ text }) => text),
      risks: updateRisks({ live: live.spec, desired, image }),
    });
  }
  const { spec, changes } = settleSpec(desired, live.spec);
  if (changes.length > 0) {
    return plan("update", spec, {
      reason: `${reasonOf(changes)}${isJob(spec) ? "; the job runs again" : ""}`,
      effect: updateEffect(changes, { desired: spec, live: live.spec, nodes }),
      changes: changes.map(({ text }) => text),
      risks: updateRisks({ live: live.spec, desired: spec, image }),
    });
  }
  if (isPaused(live)) {
    return plan("update", spec, {
      reason: "its last update was paused half-way",
      effect: restartEffect(spec, nodes),
      changes: [],
      risks: [],
    });
  }
  return plan("keep", spec, {
    reason: "it is so already",
    effect: "none",
    changes: [],
    risks: [],
  });
}

function isPaused({ update }: LiveService): boolean {
  return update?.state === "paused" || update?.state === "rollback_paused";
}

const MOST_NAMES = 3;
const LONGEST_NAME = 50;

function reasonOf(changes: readonly SpecChange[]): string {
  const names = [...new Set(changes.map(({ setting }) => setting))];
  const shown = names
    .slice(0, MOST_NAMES)
    .map((name) => shorten(name, LONGEST_NAME))
    .join(", ");
  const more = names.length - MOST_NAMES;
  const differ = names.length === 1 ? "differs" : "differ";
  return more > 0 ? `${shown} and ${more} more ${differ}` : `${shown} ${differ}`;
}

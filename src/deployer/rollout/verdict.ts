import type { ErrorCode } from "../../errors.ts";
import type { LiveTask } from "../ports.ts";
import type { RolloutHistory, RolloutObservation } from "./history.ts";
import type { RolloutLimits } from "./limits.ts";

/** What a verdict about one service rests on. */
export interface JudgeRequest {
  /** The label `skep.deployment` of the spec that shall run; null for a spec without one. */
  readonly deploymentId: string | null;
  /**
   * The deployment sent nothing for the service: what is there already is proof when it has been running for the window
   * by the engine's own word, and what is broken already was not broken by the deployment.
   */
  readonly isUnchanged?: boolean;
  readonly observation: RolloutObservation;
  readonly history: RolloutHistory;
  readonly limits: RolloutLimits;
}

/** What Swarm does by itself about a failed roll-out. */
export type SwarmReaction = "swarm_rolling_back" | "swarm_rolled_back" | "paused" | "nothing";

/** A roll-out that will not succeed. `text` may hold words of the engine: hostile. */
export interface RolloutFailed {
  readonly kind: "failed";
  readonly code: ErrorCode;
  readonly text: string;
  /** The task that shows it, when there is one. */
  readonly task: LiveTask | null;
  readonly swarm: SwarmReaction;
}

/**
 * Where a roll-out stands. `since` is when all wanted tasks of the requested spec were first seen running, or, of a
 * service whose tasks end, completed.
 */
export type RolloutVerdict =
  | { readonly kind: "progressing"; readonly text: string }
  | { readonly kind: "running"; readonly since: number; readonly text: string }
  | { readonly kind: "proved"; readonly since: number; readonly text: string }
  | RolloutFailed;

/** Where the way back to a previous spec stands. */
export type RollbackVerdict =
  | { readonly kind: "restoring"; readonly text: string }
  | { readonly kind: "restored"; readonly since: number; readonly text: string }
  | RolloutFailed;

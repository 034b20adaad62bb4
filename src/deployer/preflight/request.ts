import type { Platform, ReleaseStack } from "../../release.ts";
import type { StackPlan } from "../plan/stack-plan.ts";
import type { LiveCluster } from "../ports.ts";

/** What is looked at before anything is done. */
export interface PreflightRequest {
  readonly plan: StackPlan;
  readonly release: ReleaseStack;
  readonly live: LiveCluster;
  readonly stackName: string;
  /** The lane: whose the stack is. */
  readonly owner: string;
  /** Whether the operator gave the stack to this lane, whoever had it before. */
  readonly isBound: boolean;
  /** The platforms of each image, by the reference in the release; null where nobody knows them. */
  readonly images: Readonly<Record<string, readonly Platform[] | null>>;
}

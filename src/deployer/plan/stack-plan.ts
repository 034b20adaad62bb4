import type { PlanOperation } from "../../deployment.ts";
import type { Dependency, ReleaseFile, ReleaseStack } from "../../release.ts";
import type { FileSpec, NetworkSpec, ServiceSpec } from "../../swarm-objects.ts";
import type { FileKind, LiveCluster, LiveService } from "../ports.ts";

/** What a plan compares, and for whom. */
export interface StackPlanRequest {
  readonly stackName: string;
  /** The lane: whose the stack is. */
  readonly owner: string;
  readonly deploymentId: string;
  readonly releaseId: string;
  readonly release: ReleaseStack;
  readonly live: LiveCluster;
  /** Tells the content of configs that Skep did not make. */
  readonly serverKey: Uint8Array;
}

/** What would make the Swarm match a release, in the order in which it is done. Plain data. */
export interface StackPlan {
  readonly networks: readonly PlannedNetwork[];
  readonly files: readonly PlannedFile[];
  readonly services: readonly PlannedService[];
  /** Services of the stack that the release does not have. */
  readonly removals: readonly PlannedRemoval[];
  /** The same for people: what changes first, then what is kept. */
  readonly operations: readonly PlanOperation[];
}

export interface PlannedNetwork {
  readonly kind: "create" | "keep";
  readonly spec: NetworkSpec;
}

export interface PlannedFile {
  /** `label`: it is there with this content, but does not say so yet. */
  readonly kind: "create" | "label" | "keep";
  readonly fileKind: FileKind;
  readonly file: ReleaseFile;
  /** With its final name and labels; without `Data`. */
  readonly spec: FileSpec;
}

export interface PlannedService {
  /** `recreate`: removed and created again, because its mode changes, which the Swarm refuses. */
  readonly kind: "create" | "update" | "recreate" | "keep";
  readonly key: string;
  /** With final names of configs and secrets, and with Skep's labels. */
  readonly spec: ServiceSpec;
  readonly live: LiveService | null;
  readonly dependsOn: readonly Dependency[];
}

export interface PlannedRemoval {
  readonly live: LiveService;
  /** Before anything is created: it holds a published port that another service of the release wants. */
  readonly isFirst: boolean;
}

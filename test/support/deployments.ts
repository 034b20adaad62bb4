import type {
  Annotation,
  Deployment,
  Failure,
  PhaseRecord,
  PlanOperation,
} from "../../src/deployment.ts";
import { REPOSITORY } from "./records.ts";

/** When the deployments of these builders are made: 2026-01-05 12:03:10 UTC. */
export const CREATED_AT = Date.UTC(2026, 0, 5, 12, 3, 10);

/** A running deployment of the test repository, number 12. */
export function deployment(overrides: Partial<Deployment> = {}): Deployment {
  return {
    id: "dep_12",
    kind: "deploy",
    origin: { kind: "push", pullRequest: null },
    number: 12,
    repository: REPOSITORY,
    app: "shop",
    environment: "production",
    lane: `${REPOSITORY.id}/shop/production`,
    intentId: "int_12",
    ref: "refs/heads/main",
    sha: "3f2a1bc9".padEnd(40, "0"),
    title: "Add a cart badge",
    actor: "ana",
    version: "3f2a1bc",
    policySha: null,
    stackName: "shop-production",
    warnings: [],
    environmentUrl: null,
    state: "running",
    phase: null,
    phases: [],
    plan: [],
    releaseId: null,
    failure: null,
    supersededBy: null,
    previousDeploymentId: null,
    headOf: null,
    githubDeploymentId: null,
    waitingFor: null,
    cancelledBy: null,
    createdAt: CREATED_AT,
    startedAt: CREATED_AT + 200,
    finishedAt: null,
    tasksRunningAt: null,
    recordVersion: 3,
    ...overrides,
  };
}

/** An update of the shop's one service, without risk. */
export function operation(overrides: Partial<PlanOperation> = {}): PlanOperation {
  return {
    kind: "update",
    target: "service shop-production_shop",
    reason: "the image differs",
    effect: "rolling_update",
    changes: ["image: a → b"],
    risks: [],
    ...overrides,
  };
}

/** A failed image build. */
export function failure(overrides: Partial<Failure> = {}): Failure {
  return {
    code: "build_failed",
    phase: "build",
    summary: "step 4/5 `RUN npm test` exited with code 1",
    evidence: ["not ok 1 - adds a badge"],
    nextStep: "Mend the step and push again.",
    annotations: [],
    ...overrides,
  };
}

/** `count` annotations on the lines of the config file. */
export function annotations(count: number): readonly Annotation[] {
  return Array.from({ length: count }, (_, i) => ({
    path: ".github/skep.yml",
    line: i + 1,
    level: "failure" as const,
    title: "unknown key",
    message: `problem ${i + 1}`,
  }));
}

/** A phase that began and ended so many milliseconds after the deployment was made. */
export function phase(
  name: PhaseRecord["phase"],
  span: readonly [number, number | null],
  outcome: PhaseRecord["outcome"],
  note: string | null = null,
): PhaseRecord {
  return {
    phase: name,
    startedAt: CREATED_AT + span[0],
    endedAt: span[1] === null ? null : CREATED_AT + span[1],
    outcome,
    note,
  };
}

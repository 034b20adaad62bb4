import type { Annotation, Deployment } from "../deployment.ts";
import { laneOf } from "../deployment.ts";
import type { PlannedDeployment } from "./verdict.ts";

/** What sets one planned deployment apart from another. */
export type DeploymentPlan = Pick<
  Deployment,
  "origin" | "repository" | "app" | "actor" | "policySha" | "warnings"
> &
  Pick<Deployment, "ref" | "sha" | "title" | "version"> & {
    readonly environment: {
      readonly name: string;
      readonly stackName: string;
      readonly url: string | null;
    };
    /** The rest, where it is not as with most. */
    readonly but?: Partial<
      Pick<Deployment, "kind" | "headOf" | "releaseId" | "githubDeploymentId" | "waitingFor">
    > & { readonly state?: "queued" | "waiting" };
  };

/** A deployment that is queued, unless the plan says otherwise. Pure. */
export function planDeployment({ environment, but, ...plan }: DeploymentPlan): PlannedDeployment {
  return {
    ...plan,
    kind: "deploy",
    environment: environment.name,
    lane: laneOf(plan.repository.id, plan.app, environment.name),
    stackName: environment.stackName,
    environmentUrl: environment.url,
    headOf: null,
    state: "queued",
    releaseId: null,
    githubDeploymentId: null,
    waitingFor: null,
    failure: null,
    ...but,
  };
}

/** The deployment refused for the problems of its configuration. */
export function refuseConfig(
  planned: PlannedDeployment,
  problems: readonly Annotation[],
): PlannedDeployment {
  const count = problems.length;
  return {
    ...planned,
    state: "refused",
    waitingFor: null,
    failure: {
      code: "config_invalid",
      phase: null,
      summary: `.github/skep.yml has ${count === 1 ? "a problem" : `${count} problems`}; nothing was deployed`,
      evidence: [],
      nextStep: "Mend the marked lines and push again. What ran before goes on running.",
      annotations: problems,
    },
  };
}

/** The deployment refused because its stack's name is another environment's. */
export function refuseStack(planned: PlannedDeployment): PlannedDeployment {
  return {
    ...planned,
    state: "refused",
    waitingFor: null,
    failure: {
      code: "stack_not_owned",
      phase: null,
      summary: `stack ${planned.stackName} belongs to another environment; nothing was deployed`,
      evidence: [],
      nextStep: `Give ${planned.environment} a stack_name of its own in .github/skep.yml and push again.`,
      annotations: [],
    },
  };
}

import type { StepResult } from "../machine.ts";
import { offerDeploy } from "../offer.ts";
import type { Run } from "../run.ts";

/**
 * Refuses a commit that was asked for as the head of a pull request and is that no more; null when it may run. Asked
 * until something is built, also again after a crash: so far nothing is lost by an answer of now. Afterwards it is not
 * asked: what has begun goes on with the commit that was the head when it began, and a push later than that is another
 * command's matter.
 */
export async function refuseMovedHead(run: Run): Promise<StepResult | null> {
  const { repository, headOf, sha } = run.deployment();
  if (headOf === null || hasBegun(run)) return null;
  const head = await run.deps.source.pullRequestHead(repository, headOf);
  return head === sha ? null : moved(run, headOf, head);
}

function hasBegun(run: Run): boolean {
  return [...run.journalStates().keys()].some((step) => step.startsWith("build "));
}

function moved(run: Run, headOf: number, head: string | null): StepResult {
  const { environment, sha } = run.deployment();
  const offer = offerDeploy(environment, head ?? sha);
  return {
    kind: "refused",
    failure: {
      code: "ref_changed",
      phase: "pre_build",
      summary:
        head === null
          ? `pull request ${headOf} has no head any more; it was at ${sha} when it was asked for`
          : `the head of pull request ${headOf} is ${head} now and was ${sha} when it was asked for`,
      evidence: [],
      nextStep:
        head === null
          ? `To deploy that commit all the same, ${offer} on another pull request.`
          : `Look at what is new; to deploy it, ${offer}.`,
      annotations: [],
    },
  };
}

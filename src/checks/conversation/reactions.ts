import { type Deployment, isFinal } from "../../deployment.ts";
import type { Answer } from "../../store/conversation.ts";
import type { ReactionContent } from "./ports.ts";

/** The reactions that tell what came of a comment. */
export type FinalReaction = Exclude<ReactionContent, "eyes">;

/** What came of one command; null while that is open. */
export function reactionTo(
  { result }: Answer,
  deployments: ReadonlyMap<string, Deployment>,
): FinalReaction | null {
  switch (result.kind) {
    case "done":
    case "shown":
      return "+1";
    case "refused":
    case "unanswered":
      return "-1";
    case "deployment": {
      const deployment = deployments.get(result.deploymentId);
      if (!deployment || !isFinal(deployment.state)) return null;
      return deployment.state === "succeeded" ? "rocket" : "-1";
    }
  }
}

/** The one reaction to a comment, once all its commands have been answered for good; the worst of them counts. */
export function reactionToAll(
  answers: readonly Answer[],
  deployments: ReadonlyMap<string, Deployment>,
): FinalReaction | null {
  const reactions = answers.map((answer) => reactionTo(answer, deployments));
  if (reactions.length === 0 || reactions.includes(null)) return null;
  return (["-1", "rocket", "+1"] as const).find((one) => reactions.includes(one)) ?? null;
}

/** Whether a comment is told that it was seen: a stranger who gets no answer is not, when that is known in time. */
export function isAcknowledged(answers: readonly Answer[]): boolean {
  return answers.length === 0 || answers.some(({ result }) => result.kind !== "unanswered");
}

import type { Deployment } from "../deployment.ts";
import { plainLine } from "./markdown.ts";

/** A word of hostile text between backticks, in a text where backticks mark code. */
export function ticked(text: string, max = 60): string {
  return `\`${plainLine(text, max).replaceAll("`", "'")}\``;
}

/**
 * What a state means and what to do about it, beyond its title; plain text in which backticks mark code, empty when
 * there is nothing to add.
 */
export function stateAdvice(deployment: Deployment): string {
  switch (deployment.state) {
    case "waiting":
      return waitingAdvice(deployment);
    case "queued":
      return "It starts when the environment is free: one deployment runs at a time.";
    case "running":
      return deployment.cancelledBy === null
        ? ""
        : `${ticked(deployment.cancelledBy)} asked to cancel it: it ends as soon as that is safe.`;
    case "succeeded":
      return succeededAdvice(deployment);
    case "rolling_back":
    case "failed":
    case "rolled_back":
    case "rollback_failed":
    case "cancelled":
    case "superseded":
    case "refused":
      return "";
  }
}

function waitingAdvice({ environment, version, waitingFor }: Deployment): string {
  if (waitingFor === null) return "";
  const place = ticked(environment);
  return (
    `Pushes and tags do not deploy to ${place} since ${ticked(waitingFor.by)} rolled it back to ` +
    `${ticked(waitingFor.version)}. Comment ${ticked(`/resume ${environment}`)} on a pull request to let them deploy ` +
    `again, or ${ticked(`/deploy ${environment} at ${version}`)} to deploy exactly this.`
  );
}

function succeededAdvice({ kind, environment }: Deployment): string {
  const proof = "The requested version runs on all wanted tasks and stayed healthy for its window.";
  return kind === "deploy" ? proof : `${proof} ${holdAdvice(environment)}`;
}

/** What a rollback leaves behind, and how that ends; backticks mark code. */
export function holdAdvice(environment: string): string {
  return (
    "A rollback holds the environment: pushes and tags wait until somebody comments " +
    `${ticked(`/resume ${environment}`)} on a pull request, or deploys on purpose.`
  );
}

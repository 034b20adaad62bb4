import type { Failure } from "../deployment.ts";
import type { SkepError } from "../errors.ts";
import { failureFromError } from "./failure.ts";

/** What the registry's trouble (see `imageNotFound`) means to somebody who wants the image. */
const MEANINGS: Readonly<Record<string, (image: string) => string>> = {
  missing: (image) => `the registry does not have the image ${image}`,
  login: (image) => `the registry does not let Skep have the image ${image}`,
  away: (image) => `the registry of the image ${image} does not answer`,
  untrusted: (image) => `the engine does not trust the registry of the image ${image}`,
};

/**
 * The failure that a person sees when a given image cannot be had: whose image it is, and what that means; the
 * registry's own words are the evidence. `label` names the service; null where it is the only one.
 */
export function imageFailure(
  error: SkepError,
  { reference, label }: { readonly reference: string; readonly label: string | null },
): Failure {
  const failure = failureFromError(error, "build");
  const meaning = MEANINGS[String(error.details["registry"])];
  const summary = meaning === undefined ? error.message : meaning(reference);
  return {
    ...failure,
    summary: label === null ? summary : `${label}: ${summary}`,
    evidence: meaning === undefined ? failure.evidence : [error.message, ...failure.evidence],
  };
}

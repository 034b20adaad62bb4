import type { Failure, Phase } from "../deployment.ts";
import type { SkepError } from "../errors.ts";

const DEFAULT_NEXT_STEP =
  "Press Retry, or push again; if it happens again, the operator finds details in Skep's own log.";

/** The failure that a person sees, from what an adapter threw. */
export function failureFromError(error: SkepError, phase: Phase | null): Failure {
  return {
    code: error.code,
    phase,
    summary: error.message,
    evidence: error.evidence,
    nextStep: error.nextStep ?? DEFAULT_NEXT_STEP,
    annotations: [],
  };
}

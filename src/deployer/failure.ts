import type { Failure, Phase } from "../deployment.ts";
import type { SkepError } from "../errors.ts";
import { cleanText } from "../logs/clean-text.ts";
import { createRedactor } from "../logs/redactor.ts";

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

/** The failure without secrets and control characters: it is stored, and shown on GitHub. */
export function redactFailure(failure: Failure): Failure {
  const redactor = createRedactor();
  const safe = (source: string, text: string): string => redactor.redact(source, cleanText(text));
  return {
    ...failure,
    summary: safe("summary", failure.summary),
    evidence: failure.evidence.map((line) => safe("evidence", line)),
    nextStep: safe("nextStep", failure.nextStep),
  };
}

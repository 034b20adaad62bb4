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

/** The failure without secrets, these values among them, and control characters: it is stored, and shown on GitHub. */
export function redactFailure(failure: Failure, values: readonly string[]): Failure {
  const redactor = createRedactor();
  redactor.add(values);
  const safe = (source: string, text: string): string => redactor.redact(source, cleanText(text));
  return {
    ...failure,
    summary: safe("summary", failure.summary),
    evidence: failure.evidence.map((line) => safe("evidence", line)),
    nextStep: safe("nextStep", failure.nextStep),
  };
}

/**
 * When going back fails too, the first failure stays the cause and the second one is told with it; what to do is the
 * second one's. When one thing is behind both, it is told once.
 */
export function joinFailures(first: Failure | null, second: Failure): Failure {
  if (!first) return second;
  const isSame = first.summary === second.summary;
  const why = isSame ? "for the same reason" : `too: ${second.summary}`;
  const more = second.evidence.filter((line) => !isSame || !first.evidence.includes(line));
  return {
    ...first,
    summary: `${first.summary}; going back to the previous release failed ${why}`,
    evidence: [...first.evidence, ...more],
    nextStep: second.nextStep,
  };
}

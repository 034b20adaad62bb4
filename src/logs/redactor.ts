import { hideSpans, keyBlockSpans, suspectSpans, type Span } from "./redaction.ts";
import { createSecretMatcher } from "./secret-matcher.ts";
import type { Continuation } from "./secret-matcher.ts";

/** Hides secrets in lines, also those that are cut in two by the end of a line. */
export interface Redactor {
  /** Hides these values, in all their forms, from now on. */
  add(values: readonly string[]): void;
  /** The line as it may be stored. Lines of one `source` follow each other. */
  redact(source: string, text: string): string;
}

interface SourceState {
  readonly continuations: readonly Continuation[];
  /** Lines that may still belong to a private key block; 0 outside of one. */
  readonly keyLines: number;
  /** The end of the line before, when it was so long that somebody may have cut it. */
  readonly tail: string;
}

const QUIET: SourceState = { continuations: [], keyLines: 0, tail: "" };
/** A key block without an end would otherwise hide the rest of the log. */
const MAX_KEY_LINES = 400;
const MAX_SOURCES = 2_000;
const LONG_LINE = 1_024;
const TAIL = 512;

/** A redactor that knows no values yet; patterns hold from the start. */
export function createRedactor(): Redactor {
  const matcher = createSecretMatcher();
  const sources = new Map<string, SourceState>();
  return {
    add: (values) => matcher.add(values),
    redact(source, text) {
      const before = sources.get(source) ?? QUIET;
      const exact = matcher.spans(text, before.continuations);
      const key = keyBlockSpans(text, before.keyLines > 0);
      const hidden = hideSpans(text, [...exact.spans, ...key.spans, ...patternSpans(text, before)]);
      remember(sources, source, {
        continuations: exact.continuations,
        keyLines: key.open ? (before.keyLines > 0 ? before.keyLines : MAX_KEY_LINES + 1) - 1 : 0,
        tail: text.length >= LONG_LINE ? text.slice(-TAIL) : "",
      });
      return hidden;
    },
  };
}

function patternSpans(text: string, before: SourceState): readonly Span[] {
  const shift = before.tail.length;
  return suspectSpans(before.tail + text)
    .filter((span) => span.end > shift)
    .map((span) => ({ start: Math.max(0, span.start - shift), end: span.end - shift }));
}

function remember(sources: Map<string, SourceState>, source: string, state: SourceState): void {
  const quiet = state.continuations.length === 0 && state.keyLines === 0 && state.tail === "";
  sources.delete(source);
  if (quiet) return;
  sources.set(source, state);
  if (sources.size <= MAX_SOURCES) return;
  const oldest = sources.keys().next();
  if (!oldest.done) sources.delete(oldest.value);
}

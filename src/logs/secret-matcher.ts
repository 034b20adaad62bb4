import type { Span } from "./redaction.ts";
import { secretForms } from "./secret-forms.ts";

/** A line ended with the first `length` characters of a secret form: the next may bring the rest. */
export interface Continuation {
  readonly form: string;
  readonly length: number;
}

/** What a line shows of known secrets. */
export interface Matches {
  readonly spans: readonly Span[];
  readonly continuations: readonly Continuation[];
}

/** Finds known secret values in lines. */
export interface SecretMatcher {
  add(values: readonly string[]): void;
  /** Where secrets stand in this line, given how the line before of the same source ended. */
  spans(text: string, before: readonly Continuation[]): Matches;
}

/** The start of a secret at the end of a line is hidden from this length on, whether the rest follows or not. */
const MIN_PREFIX = 4;
const NOTHING: Matches = { spans: [], continuations: [] };

/** A matcher that knows no value yet. */
export function createSecretMatcher(): SecretMatcher {
  const forms = new Set<string>();
  const prefixes = new Map<string, Continuation[]>();
  let pattern: RegExp | null = null;

  function learn(form: string): void {
    if (forms.has(form)) return;
    forms.add(form);
    for (let length = 1; length < form.length; length++) {
      const ending = form.slice(Math.max(0, length - 2), length);
      const known = prefixes.get(ending);
      if (known) known.push({ form, length });
      else prefixes.set(ending, [{ form, length }]);
    }
  }

  return {
    add(values) {
      for (const form of values.flatMap(secretForms)) learn(form);
      const longestFirst = [...forms].sort((a, b) => b.length - a.length);
      pattern = forms.size === 0 ? null : new RegExp(longestFirst.map(literally).join("|"), "g");
    },
    spans(text, before) {
      if (pattern === null) return NOTHING;
      const head = continued(text, before);
      const ends = new Set([text.slice(-1), text.slice(-2)]);
      const endings = [...ends].flatMap((end) => prefixes.get(end) ?? []);
      const open = endings.filter(({ form, length }) => text.endsWith(form.slice(0, length)));
      const longest = Math.max(0, ...open.map((candidate) => candidate.length));
      const spans = [...head.spans, ...occurrences(text, pattern)];
      if (longest >= MIN_PREFIX) spans.push({ start: text.length - longest, end: text.length });
      return { spans, continuations: [...head.continuations, ...open] };
    },
  };
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function continued(text: string, before: readonly Continuation[]): Matches {
  const spans: Span[] = [];
  const continuations: Continuation[] = [];
  for (const { form, length } of before) {
    const rest = form.slice(length);
    if (text.startsWith(rest)) spans.push({ start: 0, end: rest.length });
    else if (text !== "" && rest.startsWith(text)) {
      spans.push({ start: 0, end: text.length });
      continuations.push({ form, length: length + text.length });
    }
  }
  return { spans, continuations };
}

/** Overlapping ones too: each search begins one character after the start of the last. */
function occurrences(text: string, pattern: RegExp): readonly Span[] {
  const spans: Span[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    spans.push({ start: match.index, end: match.index + match[0].length });
    pattern.lastIndex = match.index + 1;
  }
  return spans;
}

/** Stands where a secret stood. */
export const REDACTED = "[REDACTED]";

/** A part of a text, from `start` up to but not including `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const NAMES =
  "(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|SIGNING_?KEY|CREDENTIALS?)";
const QUOTED = `"(?:[^"\\\\]|\\\\.)*"?|'(?:[^'\\\\]|\\\\.)*'?`;

/**
 * What secrets look like when nobody told us their value. The group `keep` stays readable, the rest of the match is
 * hidden. Repetitions are bounded, so that a hostile line cannot make a match slow.
 */
const PATTERNS: readonly RegExp[] = [
  // Tokens that carry their kind: GitHub, GitLab, npm, Docker Hub, Slack, Stripe, Swarm join tokens.
  /\b(?:gh[opsur]_|github_pat_|glpat-|npm_|dckr_pat_|xox[abeprs]-|[rs]k_live_|SWMTKN-1-)[\w-]{4,}/g,
  // AWS access key ids.
  /\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{12,20}\b/g,
  // JSON Web Tokens, and any other JSON object in Base64 (registry logins are sent so).
  /\beyJ[\w+/=-]{12,}(?:\.[\w=-]*){0,4}/g,
  // Logins in URLs: `user:password@`, and a long user name alone, which is a token.
  /(?<keep>:\/\/[^\s/:@]{0,128}:)[^\s/]{1,512}(?=@)/g,
  /(?<keep>:\/\/)[^\s/:@]{20,512}(?=@)/g,
  // Headers.
  /(?<keep>\b(?:proxy-)?authorization["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"'][^"']*/gi,
  /(?<keep>\b(?:x-api-key|private-token|x-registry-auth|(?:set-)?cookie)["']?:\s{0,4}["']?)[^\s"'][^"']*/gi,
  /(?<keep>\bbearer\s{1,4})[\w.~+/=-]{16,}/gi,
  // NAME=value, "name": "value", password: value, --token value.
  new RegExp(`(?<keep>${NAMES}[\\w.-]{0,64}["']?=(?![=>]))(?:${QUOTED}|[^\\s"'&;]+)`, "gi"),
  new RegExp(`(?<keep>${NAMES}[\\w.-]{0,64}["']\\s{0,4}:\\s{0,4})(?:${QUOTED})`, "gi"),
  /(?<keep>\b(?:password|passwd|passphrase):\s{1,4})\S+/gi,
  /(?<keep>--(?:[a-z0-9]{1,20}-){0,3}(?:password|passwd|token|secret)\s{1,4})[^\s-]\S*/gi,
];

/** A value that is a reference to a secret, or hidden already, tells nothing. */
const HARMLESS = /^["']?(?:\$\{?\w+\}?|\$\(.*|%\w+%|\*+|<[\w -]+>|\[REDACTED\])["']?$/i;

/** The parts of a text that look like secrets; they may overlap. */
export function suspectSpans(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const pattern of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const start = match.index + (match.groups?.["keep"]?.length ?? 0);
      const end = match.index + match[0].length;
      if (!HARMLESS.test(text.slice(start, end))) spans.push({ start, end });
    }
  }
  return spans;
}

const KEY_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const KEY_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;

/**
 * The parts of a text that belong to a private key block. `open` says whether the block began on an earlier line, and
 * whether it goes on after this one.
 */
export function keyBlockSpans(
  text: string,
  open: boolean,
): { readonly spans: readonly Span[]; readonly open: boolean } {
  if (!open && !text.includes("-----BEGIN")) return { spans: [], open };
  const spans: Span[] = [];
  let inside = open;
  let at = 0;
  for (;;) {
    const rest = text.slice(at);
    const edge = (inside ? KEY_END : KEY_BEGIN).exec(rest);
    if (!inside && edge === null) return { spans, open: false };
    if (!inside && edge !== null) {
      at += edge.index;
      inside = true;
      continue;
    }
    const end = edge === null ? text.length : at + edge.index + edge[0].length;
    spans.push({ start: at, end });
    if (edge === null) return { spans, open: true };
    at = end;
    inside = false;
  }
}

/** The text with each of the spans hidden; spans that touch become one. */
export function hideSpans(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  const sorted = spans.toSorted((a, b) => a.start - b.start);
  let result = "";
  let at = 0;
  let hidden = false;
  for (const span of sorted) {
    const start = Math.max(span.start, at);
    if (span.end <= at || start >= text.length) continue;
    if (start > at || !hidden) result += text.slice(at, start) + REDACTED;
    hidden = true;
    at = span.end;
  }
  return result + text.slice(at);
}

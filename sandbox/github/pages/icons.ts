import { raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

const shapes = {
  success: '<circle cx="8" cy="8" r="7"/><path class="cut" d="m4.8 8.3 2.2 2.2 4.3-4.6"/>',
  failure: '<circle cx="8" cy="8" r="7"/><path class="cut" d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8"/>',
  running: '<circle class="ring" cx="8" cy="8" r="6"/><path class="arc" d="M8 2a6 6 0 0 1 6 6"/>',
  waiting: '<circle class="ring" cx="8" cy="8" r="6"/><circle cx="8" cy="8" r="3"/>',
  neutral: '<circle class="ring" cx="8" cy="8" r="6"/><path class="line" d="M5 8h6"/>',
  skipped: '<circle class="ring" cx="8" cy="8" r="6"/><path class="line" d="m4.2 11.8 7.6-7.6"/>',
  attention: '<circle class="ring" cx="8" cy="8" r="6"/><path class="line" d="M8 4.5v4m0 2.4v.6"/>',
  rocket:
    '<path class="line" d="M6 10c0-4 2.5-7.5 7.5-7.5C13.5 7.5 10 10 6 10Zm0 0L3 13m1.5-5.5H2.7L5 5.2h2M8.5 11.5v1.8l2.3-2.3v-2"/>',
  commit: '<circle class="ring" cx="8" cy="8" r="3"/><path class="line" d="M1 8h4m6 0h4"/>',
  repository:
    '<path class="line" d="M3 2.5h8.5a1 1 0 0 1 1 1V13H4.5a1.5 1.5 0 0 1 0-3h8M3 11.5v-9"/>',
  link: '<path class="line" d="M9.5 3H13v3.5M13 3 7.5 8.5M6.5 4H3v9h9V9.5"/>',
  rerun: '<path class="line" d="M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3"/>',
  person:
    '<circle class="ring" cx="8" cy="5.5" r="2.7"/><path class="line" d="M3 14c.6-3 2.5-4.2 5-4.2s4.4 1.2 5 4.2"/>',
} as const;

/** A drawing's name. */
export type IconName = keyof typeof shapes;

/** A drawing of 16 × 16 in the colour of its meaning; `label` is read aloud, without one it is mere ornament. */
export function icon(name: IconName, label?: string): HtmlEscapedString {
  const meaning = label === undefined ? 'aria-hidden="true"' : `role="img" aria-label="${label}"`;
  return raw(`<svg class="icon icon-${name}" viewBox="0 0 16 16" ${meaning}>${shapes[name]}</svg>`);
}

const byConclusion: Readonly<Record<string, IconName>> = {
  success: "success",
  failure: "failure",
  timed_out: "failure",
  action_required: "attention",
  cancelled: "skipped",
  skipped: "skipped",
  neutral: "neutral",
  stale: "neutral",
  error: "failure",
  inactive: "skipped",
  in_progress: "running",
  queued: "waiting",
  pending: "waiting",
};

/** The drawing for a check run's conclusion or status, or for a deployment's state. */
export function stateIcon(state: string): HtmlEscapedString {
  return icon(byConclusion[state] ?? "neutral", state.replaceAll("_", " "));
}

/** The colour family of a state: `success`, `failure`, `running`, `waiting`, `neutral`… */
export function stateTone(state: string): IconName {
  return byConclusion[state] ?? "neutral";
}

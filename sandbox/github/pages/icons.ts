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
  pull: '<circle class="ring" cx="4" cy="3.5" r="1.7"/><circle class="ring" cx="4" cy="12.5" r="1.7"/><circle class="ring" cx="12" cy="12.5" r="1.7"/><path class="line" d="M4 5.4v5.2M12 10.6V6a2 2 0 0 0-2-2H8m1.8-2L7.6 4l2.2 2"/>',
  merge:
    '<circle class="ring" cx="4" cy="3.5" r="1.7"/><circle class="ring" cx="4" cy="12.5" r="1.7"/><circle class="ring" cx="12" cy="8.5" r="1.7"/><path class="line" d="M4 5.4v5.2M4.2 5.4c.6 2.2 2.6 3 5.9 3.1"/>',
  tag: '<path class="line" d="M2.5 2.5h5l6 6-5 5-6-6Z"/><circle class="dot" cx="5.3" cy="5.3" r="1"/>',
  comment: '<path class="line" d="M2.5 3h11v8h-6l-3 2.5V11h-2Z"/>',
  "+1": '<path class="line" d="M5.5 13.5h5.2c1 0 1.5-.6 1.7-1.4l.9-3.6c.2-1-.4-1.7-1.3-1.7H9.2l.5-2.6c.2-1-.4-1.7-1.2-1.7L5.5 7Zm0 0h-3V7h3"/>',
  "-1": '<path class="line" d="M10.5 2.5H5.3c-1 0-1.5.6-1.7 1.4l-.9 3.6c-.2 1 .4 1.7 1.3 1.7h2.8l-.5 2.6c-.2 1 .4 1.7 1.2 1.7L10.5 9Zm0 0h3V9h-3"/>',
  laugh:
    '<circle class="ring" cx="8" cy="8" r="6"/><path class="line" d="M5 9c.8 2.6 5.2 2.6 6 0Z"/><circle class="dot" cx="6" cy="6.3" r=".9"/><circle class="dot" cx="10" cy="6.3" r=".9"/>',
  confused:
    '<circle class="ring" cx="8" cy="8" r="6"/><path class="line" d="m5.3 10.8 5-1.2"/><circle class="dot" cx="6" cy="6.3" r=".9"/><circle class="dot" cx="10" cy="6.3" r=".9"/>',
  heart:
    '<path class="line" d="M8 13.300C3.5 10 2.3 8 2.3 5.9 2.3 3 6.2 1.9 8 4.700c1.8-2.8 5.7-1.7 5.7 1.2 0 2.1-1.2 4.1-5.7 7.400Z"/>',
  hooray:
    '<path class="line" d="m5.5 6 4.5 4.5-7.5 3ZM9 2.500c.8 1 .8 2 0 3m4.5 1.500c-1-.8-2-.8-3 0M12.5 2.500l-1 1"/>',
  eyes: '<ellipse class="ring" cx="4.7" cy="8" rx="2.7" ry="3.7"/><ellipse class="ring" cx="11.3" cy="8" rx="2.7" ry="3.7"/><circle class="dot" cx="5.6" cy="8.6" r="1.2"/><circle class="dot" cx="12.2" cy="8.6" r="1.2"/>',
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

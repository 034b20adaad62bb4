import { html } from "hono/html";
import { formatDuration, formatInstant } from "../../checks/format-time.ts";
import type { Html } from "./page.ts";

/** A moment in words that suit its age, with the exact time at hand. */
export function renderMoment(at: number, now: number): Html {
  return html`<time datetime="${formatInstant(at)}" title="${formatInstant(at)}"
    >${ageText(now - at, at)}</time
  >`;
}

/** A length of time; one that still grows carries its start, so that the page can count on. */
export function renderSpan(startedAt: number, endedAt: number | null, now: number): Html {
  const ms = Math.max(0, (endedAt ?? now) - startedAt);
  if (endedAt !== null) return html`<span class="num">${formatDuration(ms)}</span>`;
  return html`<span class="num" data-elapsed="${ms}">${formatDuration(ms)}</span>`;
}

function ageText(age: number, at: number): string {
  const minutes = Math.floor(age / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${formatInstant(at).slice(0, 16).replace("T", " ")} UTC`;
}

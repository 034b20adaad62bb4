import { html } from "hono/html";
import type { Html } from "./layout.ts";

/** A commit's title, with what stands between backticks as code. */
export function renderTitle(title: string): Html[] {
  return title
    .split(/`([^`]+)`/)
    .map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

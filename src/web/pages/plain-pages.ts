import { html } from "hono/html";
import type { PageContent } from "./page.ts";

/** What stands at every address that does not exist, or not for this reader: the two look the same. */
export function notFoundPage(path: string): PageContent {
  const body = html`<div class="card narrow">
    <h1>Not found</h1>
    <p class="quiet-text">There is nothing here, or nothing for you to see.</p>
    <p>
      <a href="/login?${new URLSearchParams({ next: path }).toString()}">Sign in as the operator</a>
    </p>
  </div>`;
  return { title: "Not found · Skep", body, isSignedIn: false };
}

/** What a reader sees when Skep itself fails. */
export function brokenPage(): PageContent {
  const body = html`<div class="card narrow">
    <h1>Something broke</h1>
    <p class="quiet-text">
      This page could not be made. Skep's own log says why. Load the page again in a moment.
    </p>
  </div>`;
  return { title: "Something broke · Skep", body, isSignedIn: false };
}

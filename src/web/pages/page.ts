import { html } from "hono/html";
import type { Assets } from "../assets.ts";

/** Markup whose values are escaped by construction. */
export type Html = ReturnType<typeof html>;

/** What every page needs to know about the answer it is part of. */
export interface PageContext {
  readonly assets: Assets;
  readonly nonce: string;
}

/** One page: title, content, and the script it has, if any. */
export interface PageContent {
  readonly title: string;
  readonly body: Html;
  readonly script?: "list-view.js" | "log-view.js" | "sign-in.js";
  /** Whether the bar on top links to the pages of the operator. */
  readonly isSignedIn: boolean;
}

/** A whole HTML document. */
export function renderPage({ assets, nonce }: PageContext, page: PageContent): Html {
  const script = page.script
    ? html`<script src="${assets.path(page.script)}" nonce="${nonce}" type="module"></script>`
    : "";
  const links = page.isSignedIn
    ? html`<nav aria-label="Skep"><a href="/deployments">Deployments</a></nav>`
    : "";
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title}</title>
        <link rel="icon" type="image/svg+xml" href="${assets.path("icon.svg")}" />
        <link rel="stylesheet" href="${assets.path("style.css")}" nonce="${nonce}" />
        ${script}
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="bar">
          <a class="brand" href="/"
            ><img src="${assets.path("icon.svg")}" alt="" width="20" height="20" />Skep</a
          >
          ${links}
        </header>
        <main id="main">${page.body}</main>
      </body>
    </html>`;
}

import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/** A piece of a page, escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** One step of the path at the top of a page. */
export interface Crumb {
  readonly text: string;
  readonly href: string;
}

/** What every page's answer carries: nothing is loaded from elsewhere, nothing inline is run. */
export const pageHeaders: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Cache-Control": "no-cache",
};

/** A whole document. What stands in `main` follows the state while the page is open. */
export function renderPage(page: {
  readonly title: string;
  readonly crumbs: readonly Crumb[];
  readonly main: Html;
}): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title}</title>
        <link rel="icon" href="/_local/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/_local/style.css" />
        <script type="module" src="/_local/live.js"></script>
      </head>
      <body>
        <header class="top">
          <nav aria-label="Where you are">
            <a class="brand" href="/"
              ><img src="/_local/icon.svg" alt="" width="24" height="24" />Local GitHub</a
            >
            ${page.crumbs.map(({ text, href }) => html`<span class="slash">/</span><a href="${href}">${text}</a>`)}
          </nav>
          <span class="live" id="live" role="status">live</span>
        </header>
        <main id="main">${page.main}</main>
      </body>
    </html>`;
}

/** A moment, relative when a browser shows it. */
export function renderTime(iso: string): Html {
  const text = iso.replace("T", " ").replace(/(:\d\d)(\.\d+)?Z$/, "$1 UTC");
  return html`<time datetime="${iso}" title="${text}">${text}</time>`;
}

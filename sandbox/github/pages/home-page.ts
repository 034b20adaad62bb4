import { html, raw } from "hono/html";
import type { Hub } from "../hub.ts";
import { repositoryPath } from "./check-view.ts";
import { icon } from "./icons.ts";
import { renderMarkdown } from "./markdown.ts";
import { type Html, renderPage, renderTime } from "./layout.ts";

/** The list of repositories, below a notice (Markdown) when there is one. */
export function renderHomePage(hub: Hub, notice: string): Html {
  const { repositories } = hub.state;
  return renderPage({
    title: "Local GitHub",
    crumbs: [],
    main: html`${notice === "" ? "" : html`<div class="card notice markdown">${raw(renderMarkdown(notice))}</div>`}
      <h1>Repositories</h1>
      <ul class="card repositories">
        ${repositories.map(
          (one) =>
            html`<li>
              <a href="${repositoryPath(one)}"
                >${icon("repository")} ${one.owner}/<strong>${one.name}</strong></a
              >
              <span class="pill">${one.isPrivate ? "private" : "public"}</span>
              <span class="grow"></span
              ><span class="muted">pushed ${renderTime(one.pushedAt)}</span>
            </li>`,
        )}
        ${repositories.length === 0 ? html`<li class="muted">There is none yet.</li>` : ""}
      </ul>
      <p><a href="/settings/deliveries">Webhook deliveries</a></p>`,
  });
}

import { html } from "hono/html";
import { parseJson } from "../../contract/json-value.ts";
import type { Delivery } from "../state.ts";
import { stateIcon } from "./icons.ts";
import { type Crumb, type Html, renderPage, renderTime } from "./layout.ts";

const shown = 100;
const path = "/settings/deliveries";
const crumb: Crumb = { text: "deliveries", href: path };

/** The newest webhook deliveries with buttons to send them again, and to hold what comes. */
export function renderDeliveriesPage(
  deliveries: readonly Delivery[],
  { isHeld }: { readonly isHeld: boolean },
): Html {
  const newest = deliveries.slice(-shown).toReversed();
  const mode = isHeld ? "send" : "hold";
  return renderPage({
    title: "Deliveries",
    crumbs: [crumb],
    main: html`<div class="bar">
        <h1>Webhook deliveries</h1>
        <span class="grow"></span>
        <form method="post" action="${path}/${mode}">
          <button>${isHeld ? "Send what is held, and go on" : "Hold what comes"}</button>
        </form>
        ${
          isHeld
            ? html`<form method="post" action="${path}/reversed">
                <button>Send what is held, the last first</button>
              </form>`
            : ""
        }
      </div>
      <ul class="card rows deliveries">
        ${newest.map(renderRow)}
        ${newest.length === 0 ? html`<li class="muted">There is none yet.</li>` : ""}
      </ul>`,
  });
}

function stateOf({ statusCode }: Delivery): string {
  if (statusCode === 0) return "pending";
  return statusCode < 400 ? "success" : "failure";
}

function nameOf({ event, action }: Delivery): string {
  return action === null ? event : `${event}.${action}`;
}

function renderRow(one: Delivery): Html {
  return html`<li>
    ${stateIcon(stateOf(one))}
    <div class="row-text">
      <a class="row-title" href="${path}/${one.id}">${nameOf(one)}</a>
      ${one.redelivery ? html`<span class="pill">redelivery</span>` : ""}
      <div class="muted">
        ${one.guid} · ${renderTime(one.deliveredAt)} · ${one.status} · ${one.durationSeconds} s
      </div>
    </div>
    ${renderButtons(one)}
  </li>`;
}

function renderButtons(one: Delivery): Html {
  return html`<form method="post" action="${path}/${one.id}/redeliver">
    <button class="small" title="A new delivery of the same event">Redeliver</button>
    <button
      class="small"
      formaction="${path}/${one.id}/repeat"
      title="The same bytes again, as a network may"
    >
      Repeat
    </button>
  </form>`;
}

/** One delivery: what was sent, what was answered. */
export function renderDeliveryPage(one: Delivery): Html {
  return renderPage({
    title: nameOf(one),
    crumbs: [crumb, { text: nameOf(one), href: `${path}/${one.id}` }],
    main: html`<div class="bar">
        <h1>${stateIcon(stateOf(one))} ${nameOf(one)}</h1>
        <span class="muted">${one.guid} · ${one.statusCode} ${one.status}</span>
        <span class="grow"></span>
        ${renderButtons(one)}
      </div>
      <h2 class="section">Request</h2>
      <pre class="card dump">
${renderHeaders(one.requestHeaders)}

${JSON.stringify(parseJson(one.requestBody), null, 2)}</pre>
      <h2 class="section">Answer</h2>
      <pre class="card dump">
${renderHeaders(one.responseHeaders)}

${one.responseBody}</pre>`,
  });
}

function renderHeaders(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

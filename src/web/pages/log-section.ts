import { html } from "hono/html";
import { isFinal, PHASES, type Deployment } from "../../deployment.ts";
import { isFiltered, STREAMS, type LogQuery, type LogWindow } from "../log-window.ts";
import { groupByPhase, renderGroup } from "./log-lines.ts";
import type { Html } from "./page.ts";
import { PHASE_NAMES } from "./state-look.ts";

const STREAM_NAMES = { skep: "Skep", build: "Build", service: "Service" } as const;

/** What the log of a page shows. */
export interface LogView {
  readonly deployment: Deployment;
  readonly query: LogQuery;
  readonly window: LogWindow;
}

/** The log with its tools. Filters work as a form without script, and on the spot with it. */
export function renderLogSection(view: LogView): Html {
  const { deployment, window, query } = view;
  const path = `/deployments/${deployment.id}`;
  // A page that does not show the end of the log has nothing to follow.
  const isLive = !isFinal(deployment.state) && window.last >= window.total;
  const isWhole = window.first === 1 && window.last >= window.total && !isFiltered(query);
  return html`<section
    id="log"
    class="log"
    aria-labelledby="log-title"
    data-events="${path}/events"
    data-after="${window.last}"
    data-live="${String(isLive)}"
    data-whole="${String(isWhole)}"
    data-total="${window.total}"
  >
    ${renderTools(view, { path, isLive })}
    <div class="lines" tabindex="0" role="region" aria-label="Log lines">
      ${renderEarlier(view)}
      <p class="more" id="forgotten" hidden>
        <a href="?from=1">Earlier lines: show from line 1</a>
      </p>
      <div id="groups">${groupByPhase(window.lines).map(renderGroup)}</div>
      <p id="empty" class="quiet-text empty" ${window.lines.length > 0 ? "hidden" : ""}>
        ${isFiltered(query) ? "No line matches." : isLive ? "No output yet." : "There is no output."}
      </p>
      ${renderLater(view)}
      <p class="live" id="live" hidden>
        <span class="dot" aria-hidden="true"></span><span>Live</span>
      </p>
    </div>
    ${
      isLive
        ? html`<noscript
            ><p class="note">
              To see newer lines, <a href="${path}">load the page again</a>.
            </p></noscript
          >`
        : ""
    }
    <template id="group-template"
      ><details class="group" open>
        <summary><span class="group-name"></span> <span class="count"></span></summary></details
    ></template>
  </section>`;
}

function renderTools(
  { query, window }: LogView,
  { path, isLive }: { readonly path: string; readonly isLive: boolean },
): Html {
  const phases = PHASES.map((phase) => [phase, PHASE_NAMES[phase]] as const);
  const streams = STREAMS.map((stream) => [stream, STREAM_NAMES[stream]] as const);
  return html`<form class="tools" method="get" action="${path}" id="tools">
    <h2 id="log-title">Log</h2>
    <output id="shown" class="quiet-text num">${window.total.toLocaleString("en-US")} lines</output>
    <input
      type="search"
      name="q"
      value="${query.text}"
      placeholder="Filter lines"
      aria-label="Filter lines by text"
      maxlength="200"
      autocomplete="off"
      spellcheck="false"
    />
    ${renderSelect("phase", "All phases", { options: phases, chosen: query.phase })}
    ${renderSelect("stream", "All output", { options: streams, chosen: query.stream })}
    <button type="submit" class="button" id="apply">Filter</button>
    <span class="toggles">
      <label class="toggle"
        ><input type="checkbox" id="wrap" checked autocomplete="off" />Wrap</label
      >
      <label class="toggle" id="follow-label" hidden
        ><input
          type="checkbox"
          id="follow"
          autocomplete="off"
          ${isLive ? "checked" : ""}
        />Follow</label
      >
    </span>
    <a class="button" href="${path}/log.txt" download>Download</a>
  </form>`;
}

function renderSelect(
  name: string,
  all: string,
  {
    options,
    chosen,
  }: {
    readonly options: readonly (readonly [string, string])[];
    readonly chosen: string | null;
  },
): Html {
  return html`<select name="${name}" aria-label="${all}" autocomplete="off">
    <option value="">${all}</option>
    ${options.map(
      ([value, label]) =>
        html`<option value="${value}" ${value === chosen ? "selected" : ""}>${label}</option>`,
    )}
  </select>`;
}

function renderEarlier({ window, query }: LogView): Html | "" {
  if (window.first <= 1) return "";
  const count = (window.first - 1).toLocaleString("en-US");
  return html`<p class="more">
    <a href="${address(query, 1)}">${count} earlier lines: show from line 1</a>
  </p>`;
}

function renderLater({ window, query }: LogView): Html | "" {
  if (window.last >= window.total) return "";
  const from = window.last + 1;
  const count = (window.total - window.last).toLocaleString("en-US");
  return html`<p class="more">
    <a href="${address(query, from)}">${count} later lines: go on from line ${from}</a>
    ${isFiltered(query) ? "" : html`<a href="?">go to the end</a>`}
  </p>`;
}

function address(query: LogQuery, from: number): string {
  const search = new URLSearchParams({ from: String(from) });
  if (query.text !== "") search.set("q", query.text);
  if (query.phase !== null) search.set("phase", query.phase);
  if (query.stream !== null) search.set("stream", query.stream);
  return `?${search.toString()}`;
}

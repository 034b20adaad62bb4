import { html, raw } from "hono/html";
import { encodePath } from "../format/commit.ts";
import type { Annotation, CheckRun, Repository } from "../state.ts";
import { icon, stateIcon, stateTone } from "./icons.ts";
import { type Html, renderTime } from "./layout.ts";
import { renderMarkdown } from "./markdown.ts";

/** The word for where a run stands: its conclusion once it has one. */
export function runState(run: CheckRun): string {
  return run.conclusion ?? run.status;
}

/** A repository's path on the pages. */
export function repositoryPath({ owner, name }: Repository): string {
  return `/${owner}/${name}`;
}

/** A check run's path on the pages. */
export function runPath(repository: Repository, run: CheckRun): string {
  return `${repositoryPath(repository)}/runs/${run.id}`;
}

/** The marks behind a commit: one small link for each check run. */
export function renderMarks(repository: Repository, runs: readonly CheckRun[]): Html {
  if (runs.length === 0) return html`<span class="marks muted">no checks</span>`;
  return html`<span class="marks">
    ${runs.map(
      (run) =>
        html`<a
          class="mark tone-${stateTone(runState(run))}"
          href="${runPath(repository, run)}"
          title="${run.title ?? runState(run)}"
          >${stateIcon(runState(run))} ${run.name}</a
        >`,
    )}
  </span>`;
}

/** A check run with all it says. */
export function renderRun(repository: Repository, run: CheckRun): Html {
  return renderCard(
    repository,
    run,
    html`${renderOutput(run)} ${renderAnnotations(repository, run)}`,
  );
}

/** A check run whose text is folded away; its buttons are not. */
export function renderFoldedRun(repository: Repository, run: CheckRun): Html {
  const title = run.title ?? "Output";
  const folded = html`<details class="folded" id="output-${run.id}">
    <summary>${title}</summary>
    ${renderOutput(run)} ${renderAnnotations(repository, run)}
  </details>`;
  const isSilent = run.title === null && run.summary === null && run.annotations.length === 0;
  return renderCard(repository, run, isSilent ? html`` : folded);
}

function renderCard(repository: Repository, run: CheckRun, body: Html): Html {
  const state = runState(run);
  return html`<article class="card run tone-${stateTone(state)}">
    <header class="run-head">
      <h2>${stateIcon(state)} <a href="${runPath(repository, run)}">${run.name}</a></h2>
      <span class="pill tone-${stateTone(state)}">${state.replaceAll("_", " ")}</span>
      <span class="muted">${renderSpan(run)}</span>
      <span class="grow"></span>
      ${
        run.detailsUrl === null
          ? ""
          : html`<a class="button" href="${run.detailsUrl}" rel="noopener"
              >${icon("link")} Details</a
            >`
      }
    </header>
    ${body} ${renderButtons(repository, run)}
  </article>`;
}

function renderSpan(run: CheckRun): Html {
  if (run.completedAt === null) return html`since ${renderTime(run.startedAt)}`;
  const seconds = Math.max(
    0,
    Math.round((Date.parse(run.completedAt) - Date.parse(run.startedAt)) / 1000),
  );
  const length =
    seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return html`finished ${renderTime(run.completedAt)}, took ${length}`;
}

function renderOutput(run: CheckRun): Html {
  if (run.title === null && run.summary === null) return html``;
  return html`<div class="markdown">
    ${run.title === null ? "" : html`<h3 class="output-title">${run.title}</h3>`}
    ${raw(renderMarkdown(run.summary ?? ""))} ${raw(renderMarkdown(run.text ?? ""))}
  </div>`;
}

function renderAnnotations(repository: Repository, run: CheckRun): Html {
  if (run.annotations.length === 0) return html``;
  const one = (annotation: Annotation) => {
    const lines =
      annotation.start_line === annotation.end_line
        ? `${annotation.start_line}`
        : `${annotation.start_line}–${annotation.end_line}`;
    const place = `${repositoryPath(repository)}/blob/${run.headSha}/${encodePath(annotation.path)}#L${annotation.start_line}`;
    return html`<li class="annotation level-${annotation.annotation_level}">
      <div>
        <a href="${place}">${annotation.path}:${lines}</a>
        <span class="muted">${annotation.annotation_level}</span>
      </div>
      ${annotation.title === null ? "" : html`<strong>${annotation.title}</strong>`}
      <p>${annotation.message}</p>
      ${annotation.raw_details === null ? "" : html`<pre>${annotation.raw_details}</pre>`}
    </li>`;
  };
  const count = run.annotations.length;
  return html`<section class="annotations" aria-label="Annotations">
    <h3>${count} ${count === 1 ? "annotation" : "annotations"}</h3>
    <ul>
      ${run.annotations.map(one)}
    </ul>
  </section>`;
}

/** GitHub shows an App's buttons only when the run is completed. */
function renderButtons(repository: Repository, run: CheckRun): Html {
  if (run.status !== "completed") return html``;
  const path = runPath(repository, run);
  const people = Object.entries(repository.collaborators);
  return html`<form class="buttons" method="post" action="${path}/actions">
    ${run.actions.map(
      (action) =>
        html`<button
          name="identifier"
          value="${action.identifier}"
          title="${action.description}"
          class="primary"
        >
          ${action.label}
        </button>`,
    )}
    <button formaction="${path}/rerequest">${icon("rerun")} Re-run</button>
    <label class="muted">
      as
      <select name="user" id="user-${run.id}">
        ${people.map(([login, role]) => html`<option value="${login}">${login} (${role})</option>`)}
      </select>
    </label>
    ${run.actions.map((action) => html`<span class="muted hint">${action.label}: ${action.description}</span>`)}
  </form>`;
}

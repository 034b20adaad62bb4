import { html } from "hono/html";
import type { Hub } from "../hub.ts";
import type { PullRequest } from "../pull-refs.ts";
import { pullsOf } from "../pulls.ts";
import type { Repository } from "../state.ts";
import { renderMarks, repositoryPath } from "./check-view.ts";
import { renderTitle } from "./commit-title.ts";
import { icon } from "./icons.ts";
import { type Html, renderTime } from "./layout.ts";
import { pullIcon, pullPath, pullState, renderBranches } from "./pull-view.ts";
import { renderInRepository } from "./repository-frame.ts";
import { runsOf } from "./repository-page.ts";

/** The pull requests of a repository: open ones, then the others, the newest first. */
export function renderPullListPage(hub: Hub, repository: Repository): Html {
  const all = pullsOf(hub, repository).toReversed();
  const open = all.filter((one) => one.state === "open");
  const rows = [...open, ...all.filter((one) => one.state !== "open")];
  const path = repositoryPath(repository);
  return renderInRepository(hub, repository, {
    tab: "pulls",
    title: "Pull requests",
    crumbs: [{ text: "pull requests", href: `${path}/pulls` }],
    main: html`<div class="bar">
        <h2>${open.length} open, ${all.length - open.length} closed</h2>
        <span class="grow"></span>
        <a class="button primary" href="${path}/compare">New pull request</a>
      </div>
      <ul class="card rows">
        ${rows.map((one) => renderRow(hub, repository, one))}
        ${rows.length === 0 ? html`<li class="muted">There is none yet. Push a branch first.</li>` : ""}
      </ul>`,
  });
}

function renderRow(hub: Hub, repository: Repository, request: PullRequest): Html {
  const runs = hub.state.checkRuns.filter((one) => one.repositoryId === repository.id);
  const comments = hub.state.comments.filter((one) => one.issueId === request.id).length;
  const state = pullState(request);
  return html`<li>
    ${pullIcon(state)}
    <div class="row-text">
      <a class="row-title" href="${pullPath(repository, request)}">${renderTitle(request.title)}</a>
      <div class="muted">
        #${request.number} opened ${renderTime(request.createdAt)} by ${request.author} ·
        ${renderBranches(hub, repository, request)}
      </div>
    </div>
    ${renderMarks(repository, runsOf(runs, request.pull.headSha))}
    <span class="muted comments" title="${comments} comments">${icon("comment")} ${comments}</span>
  </li>`;
}

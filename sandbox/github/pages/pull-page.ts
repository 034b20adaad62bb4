import { html } from "hono/html";
import { tryGit } from "../git.ts";
import { readCommits } from "../git-commits.ts";
import { gitDirectory, type Hub } from "../hub.ts";
import type { PullRequest } from "../pull-refs.ts";
import type { Repository } from "../state.ts";
import { renderFoldedRun, repositoryPath } from "./check-view.ts";
import { renderCommentForm } from "./comment-form.ts";
import { renderTitle } from "./commit-title.ts";
import { renderConversation } from "./conversation.ts";
import { icon } from "./icons.ts";
import type { Html } from "./layout.ts";
import { pullPath, pullState, renderBranches, renderPullState } from "./pull-view.ts";
import { renderInRepository } from "./repository-frame.ts";
import { runsOf } from "./repository-page.ts";

const shownCommits = 50;

/** One pull request: what it says and was said, its checks and commits, and what to do with it. */
export async function renderPullPage(
  hub: Hub,
  repository: Repository,
  { request, actor }: { readonly request: PullRequest; readonly actor: string },
): Promise<Html> {
  const path = pullPath(repository, request);
  return renderInRepository(hub, repository, {
    tab: "pulls",
    title: `${request.title} #${request.number}`,
    crumbs: [
      { text: "pull requests", href: `${repositoryPath(repository)}/pulls` },
      { text: `#${request.number}`, href: path },
    ],
    main: html`<header class="pull-head">
        <h1>${renderTitle(request.title)} <span class="muted">#${request.number}</span></h1>
        <p>
          ${renderPullState(pullState(request))} <strong>${request.author}</strong>
          ${request.state === "open" ? "wants" : "wanted"} to merge
          ${renderBranches(hub, repository, request)}
        </p>
      </header>
      <div class="columns">
        <div>
          ${renderConversation(hub, repository, request)} ${renderMerge(request)}
          ${renderForm(hub, repository, { request, actor })}
        </div>
        <aside>
          <h2 class="section">Checks of the head</h2>
          ${renderChecks(hub, repository, request)}
          <h2 class="section">Commits</h2>
          ${await renderCommits(hub, repository, request)}
        </aside>
      </div>`,
  });
}

function renderChecks(hub: Hub, repository: Repository, { pull }: PullRequest): Html {
  const own = hub.state.checkRuns.filter((one) => one.repositoryId === repository.id);
  const runs = runsOf(own, pull.headSha);
  if (runs.length === 0) return html`<p class="card empty muted">No check has run.</p>`;
  return html`${runs.map((run) => renderFoldedRun(repository, run))}`;
}

async function renderCommits(
  hub: Hub,
  repository: Repository,
  { pull }: PullRequest,
): Promise<Html> {
  const directory = gitDirectory(hub, repository);
  const range = [pull.headSha, `^${pull.baseSha}`];
  // A commit may be gone when somebody deleted refs by hand.
  const isThere = (await tryGit(directory, ["rev-list", "--max-count=1", ...range])) !== undefined;
  const commits = isThere ? await readCommits(directory, range, { limit: shownCommits }) : [];
  return html`<ul class="card rows commits-list">
    ${commits.toReversed().map(
      (commit) =>
        html`<li>
          ${icon("commit")}
          <span class="row-text">${renderTitle(commit.message.split("\n")[0] ?? "")}</span>
          <a class="sha" href="${repositoryPath(repository)}/commit/${commit.sha}"
            >${commit.sha.slice(0, 7)}</a
          >
        </li>`,
    )}
    ${commits.length === 0 ? html`<li class="muted">There is none.</li>` : ""}
  </ul>`;
}

function renderMerge(request: PullRequest): Html {
  const { pull } = request;
  if (request.state === "closed") return html``;
  const words = pull.isDraft
    ? "This is a draft: mark it as ready before it is merged."
    : pull.isMergeable === false
      ? "This branch conflicts with its base. Merge the base into it and push."
      : "This branch can be merged without conflicts.";
  const tone = pull.isDraft || pull.isMergeable === false ? "closed" : "open";
  return html`<p class="card verdict pull-${tone}">${icon("merge")} ${words}</p>`;
}

function renderForm(
  hub: Hub,
  repository: Repository,
  { request, actor }: { readonly request: PullRequest; readonly actor: string },
): Html {
  const path = pullPath(repository, request);
  const state = pullState(request);
  const button = (action: string, text: string) =>
    html`<button formaction="${path}/${action}" formnovalidate>${text}</button>`;
  const more = html`${state === "open" ? button("merge", "Merge") : ""}
  ${state === "open" ? button("squash", "Squash and merge") : ""}
  ${state === "draft" ? button("ready", "Ready for review") : ""}
  ${state === "open" || state === "draft" ? button("close", "Close") : ""}
  ${state === "closed" ? button("reopen", "Reopen") : ""}`;
  return renderCommentForm(hub, repository, { path, actor, more });
}

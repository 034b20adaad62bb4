import { html } from "hono/html";
import { encodePath, loginOf } from "../format/commit.ts";
import { type ChangedFile, type GitCommit, readChangedFiles, readCommit } from "../git-commits.ts";
import { gitDirectory, type Hub } from "../hub.ts";
import type { CheckRun, Repository } from "../state.ts";
import { renderRun, repositoryPath } from "./check-view.ts";
import { crumbsTo } from "./crumbs.ts";
import { type Html, renderPage, renderTime } from "./layout.ts";
import { renderTitle } from "./commit-title.ts";
import { runsOf } from "./repository-page.ts";

/** One commit: message, check runs, files. */
export async function renderCommitPage(
  hub: Hub,
  repository: Repository,
  sha: string,
): Promise<Html> {
  const directory = gitDirectory(hub, repository);
  const commit = await readCommit(directory, sha);
  const files = await readChangedFiles(directory, commit.parents[0], sha);
  const runs = runsOf(
    hub.state.checkRuns.filter((one) => one.repositoryId === repository.id),
    sha,
  );
  return renderPage({
    title: `${commit.message.split("\n")[0] ?? sha} · ${repository.owner}/${repository.name}`,
    crumbs: crumbsTo(repository, {
      text: sha.slice(0, 7),
      href: `${repositoryPath(repository)}/commit/${sha}`,
    }),
    main: html`${renderCommitHead(hub, repository, commit)}
      <h2 class="section">Checks</h2>
      ${renderRuns(repository, runs)}
      <h2 class="section">Files</h2>
      <ul class="card files">
        ${files.map((file) => renderFile(repository, sha, file))}
      </ul>`,
  });
}

/** A commit's title, message and author, as the head of a page. */
export function renderCommitHead(hub: Hub, repository: Repository, commit: GitCommit): Html {
  const [title = "", ...rest] = commit.message.split("\n");
  const body = rest.join("\n").trim();
  const login = loginOf(hub, commit.author) ?? commit.author.name;
  const href = `${repositoryPath(repository)}/commit/${commit.sha}`;
  return html`<div class="card commit-head">
    <h1>${renderTitle(title)}</h1>
    ${body === "" ? "" : html`<pre>${body}</pre>`}
    <p class="muted">
      <img src="/_local/avatar/${encodeURIComponent(login)}.svg" alt="" width="20" height="20" />
      ${login} committed ${renderTime(new Date(commit.committer.date).toISOString())} ·
      <a class="sha" href="${href}">${commit.sha}</a>
    </p>
  </div>`;
}

function renderRuns(repository: Repository, runs: readonly CheckRun[]): Html {
  if (runs.length === 0)
    return html`<p class="card empty muted">No check has run for this commit.</p>`;
  return html`${runs.map((run) => renderRun(repository, run))}`;
}

function renderFile(repository: Repository, sha: string, file: ChangedFile): Html {
  const href = `${repositoryPath(repository)}/blob/${sha}/${encodePath(file.path)}`;
  const name = file.previousPath === undefined ? file.path : `${file.previousPath} → ${file.path}`;
  return html`<li>
    <span class="file-status ${file.status}">${file.status}</span>
    ${file.status === "removed" ? name : html`<a href="${href}">${name}</a>`}
    <span class="grow"></span>
    <span class="added">+${file.additions}</span> <span class="removed">−${file.deletions}</span>
  </li>`;
}

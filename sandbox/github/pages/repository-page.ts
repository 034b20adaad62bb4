import { html } from "hono/html";
import { tryGit } from "../git.ts";
import { type GitCommit, readCommits } from "../git-commits.ts";
import { readHeads } from "../git-tags.ts";
import { loginOf } from "../format/commit.ts";
import { gitDirectory, type Hub } from "../hub.ts";
import { describeRepository, type Operations } from "../operations.ts";
import type { CheckRun, Repository } from "../state.ts";
import { renderMarks, renderRun, repositoryPath } from "./check-view.ts";
import { renderTitle } from "./commit-title.ts";
import { renderEnvironments } from "./deployment-view.ts";
import { type Html, renderTime } from "./layout.ts";
import { renderPeople } from "./people-view.ts";
import { renderInRepository } from "./repository-frame.ts";

const shownCommits = 30;

/** A repository: its commits with their checks, what the newest check says, its environments, its people. */
export async function renderRepositoryPage(
  hub: Hub,
  repository: Repository,
  operations: Pick<Operations, "deployments" | "cloneUrl">,
): Promise<Html> {
  const deployments = operations.deployments({ owner: repository.owner, repo: repository.name });
  const directory = gitDirectory(hub, repository);
  const isEmpty =
    (await tryGit(directory, ["rev-parse", "--verify", "--quiet", "HEAD"])) === undefined;
  const runs = hub.state.checkRuns.filter((one) => one.repositoryId === repository.id);
  const main = isEmpty
    ? renderEmpty(describeRepository(hub, repository).cloneUrl)
    : html`<div class="columns">
        <div>
          <h2 class="section">Commits</h2>
          ${await renderCommits(hub, repository, runs)}
          <h2 class="section">Latest check</h2>
          ${renderLatest(repository, runs)}
        </div>
        <aside>
          <h2 class="section">Environments</h2>
          ${renderEnvironments(repository, deployments)}
          <h2 class="section">People</h2>
          ${renderPeople(operations, repository)}
        </aside>
      </div>`;
  return renderInRepository(hub, repository, { tab: "code", main });
}

function renderEmpty(cloneUrl: string): Html {
  return html`<div class="card empty">
    <h2>Push something</h2>
    <pre>
git clone ${cloneUrl}
# add a Dockerfile, then
git add --all && git commit -m "First" && git push</pre>
  </div>`;
}

async function renderCommits(
  hub: Hub,
  repository: Repository,
  runs: readonly CheckRun[],
): Promise<Html> {
  const directory = gitDirectory(hub, repository);
  const commits = await readCommits(directory, ["--branches", "--date-order"], {
    limit: shownCommits,
  });
  const heads = await readHeads(directory);
  return html`<ol class="card commits">
    ${commits.map((commit) => {
      const names = heads.get(commit.sha) ?? [];
      return renderCommit(hub, repository, { commit, names, runs: runsOf(runs, commit.sha) });
    })}
  </ol>`;
}

function renderCommit(
  hub: Hub,
  repository: Repository,
  row: {
    readonly commit: GitCommit;
    readonly names: readonly string[];
    readonly runs: readonly CheckRun[];
  },
): Html {
  const { commit, names, runs } = row;
  const login = loginOf(hub, commit.author) ?? commit.author.name;
  const [title = ""] = commit.message.split("\n");
  const href = `${repositoryPath(repository)}/commit/${commit.sha}`;
  return html`<li class="commit">
    <img src="/_local/avatar/${encodeURIComponent(login)}.svg" alt="" width="24" height="24" />
    <div class="commit-text">
      <a class="commit-title" href="${href}">${renderTitle(title)}</a>
      ${names.map((name) => html`<span class="pill ref">${name}</span>`)}
      <div class="muted">
        ${login} committed ${renderTime(new Date(commit.committer.date).toISOString())}
      </div>
    </div>
    ${renderMarks(repository, runs)}
    <a class="sha" href="${href}">${commit.sha.slice(0, 7)}</a>
  </li>`;
}

/** A commit's check runs, the newest of each name. */
export function runsOf(runs: readonly CheckRun[], sha: string): CheckRun[] {
  const own = runs.filter((run) => run.headSha === sha);
  return own.filter((run) => own.findLast((one) => one.name === run.name) === run);
}

function renderLatest(repository: Repository, runs: readonly CheckRun[]): Html {
  const latest = runs.at(-1);
  return latest
    ? renderRun(repository, latest)
    : html`<p class="card empty muted">No check has run yet.</p>`;
}

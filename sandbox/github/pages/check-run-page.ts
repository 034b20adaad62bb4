import { html } from "hono/html";
import { readCommit } from "../git-commits.ts";
import { gitDirectory, type Hub } from "../hub.ts";
import type { CheckRun, Repository } from "../state.ts";
import { renderRun, runPath, runState } from "./check-view.ts";
import { renderCommitHead } from "./commit-page.ts";
import { crumbsTo } from "./crumbs.ts";
import { stateIcon } from "./icons.ts";
import { type Html, renderPage } from "./layout.ts";
import { runsOf } from "./repository-page.ts";

/** One check run, beside the others of its commit: the page that `html_url` names. */
export async function renderCheckRunPage(
  hub: Hub,
  repository: Repository,
  run: CheckRun,
): Promise<Html> {
  const commit = await readCommit(gitDirectory(hub, repository), run.headSha);
  const own = hub.state.checkRuns.filter((one) => one.repositoryId === repository.id);
  const siblings = runsOf(own, run.headSha);
  return renderPage({
    title: `${run.name} · ${runState(run).replaceAll("_", " ")} · ${repository.owner}/${repository.name}`,
    crumbs: crumbsTo(repository, { text: run.name, href: runPath(repository, run) }),
    main: html`${renderCommitHead(hub, repository, commit)}
      <div class="columns reversed">
        <nav class="card siblings" aria-label="Checks of this commit">
          ${siblings.map(
            (one) =>
              html`<a
                href="${runPath(repository, one)}"
                ${one.id === run.id ? html`aria-current="page"` : ""}
                >${stateIcon(runState(one))} ${one.name}</a
              >`,
          )}
        </nav>
        <div>${renderRun(repository, run)}</div>
      </div>`,
  });
}

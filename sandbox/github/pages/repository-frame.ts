import { html } from "hono/html";
import type { Hub } from "../hub.ts";
import { describeRepository } from "../operations.ts";
import { pullsOf } from "../pulls.ts";
import type { Repository } from "../state.ts";
import { repositoryPath } from "./check-view.ts";
import { crumbsTo } from "./crumbs.ts";
import { icon, type IconName } from "./icons.ts";
import { type Crumb, type Html, renderPage } from "./layout.ts";

/** The parts of a repository, each on a page of its own. */
export type Tab = "code" | "pulls" | "releases" | "deployments";

/** A page of a repository: its name and address, the tabs, and below them what the page is about. */
export function renderInRepository(
  hub: Hub,
  repository: Repository,
  page: {
    readonly tab: Tab;
    readonly title?: string;
    readonly crumbs?: readonly Crumb[];
    readonly main: Html;
  },
): Html {
  const name = `${repository.owner}/${repository.name}`;
  return renderPage({
    title: page.title === undefined ? name : `${page.title} · ${name}`,
    crumbs: crumbsTo(repository, ...(page.crumbs ?? [])),
    main: html`${renderHead(repository, hub)} ${renderTabs(hub, repository, page.tab)} ${page.main}`,
  });
}

function renderHead(repository: Repository, hub: Hub): Html {
  const { cloneUrl } = describeRepository(hub, repository);
  const origin = hub.state.repositories.find((one) => one.id === repository.forkOf);
  return html`<div class="title">
    <h1>${icon("repository")} ${repository.owner}/<strong>${repository.name}</strong></h1>
    <span class="pill">${repository.isPrivate ? "private" : "public"}</span>
    ${
      origin
        ? html`<span class="muted"
            >forked from
            <a href="${repositoryPath(origin)}">${origin.owner}/${origin.name}</a></span
          >`
        : ""
    }
    <span class="grow"></span>
    <code class="clone" title="Clone and push with this address">git clone ${cloneUrl}</code>
  </div>`;
}

function renderTabs(hub: Hub, repository: Repository, current: Tab): Html {
  const path = repositoryPath(repository);
  const { state } = hub;
  const open = pullsOf(hub, repository).filter((one) => one.state === "open").length;
  const releases = state.releases.filter((one) => one.repositoryId === repository.id).length;
  const deployments = state.deployments.filter((one) => one.repositoryId === repository.id).length;
  const tabs: readonly (readonly [Tab, string, string, IconName, number])[] = [
    ["code", "Code", path, "commit", 0],
    ["pulls", "Pull requests", `${path}/pulls`, "pull", open],
    ["releases", "Tags and releases", `${path}/releases`, "tag", releases],
    ["deployments", "Deployments", `${path}/deployments`, "rocket", deployments],
  ];
  return html`<nav class="tabs" aria-label="Parts of the repository">
    ${tabs.map(
      ([tab, text, href, drawing, count]) =>
        html`<a href="${href}" ${tab === current ? html`aria-current="page"` : ""}
          >${icon(drawing)} ${text}${count > 0 ? html` <span class="count">${count}</span>` : ""}</a
        >`,
    )}
  </nav>`;
}

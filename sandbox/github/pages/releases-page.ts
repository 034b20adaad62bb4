import { html, raw } from "hono/html";
import { encodePath } from "../format/commit.ts";
import { type GitTag, readTags } from "../git-tags.ts";
import { gitDirectory, type Hub } from "../hub.ts";
import type { Release } from "../release-state.ts";
import { latestRelease, releasesOf } from "../releases.ts";
import type { Repository } from "../state.ts";
import { renderAccountSelect } from "./account-select.ts";
import { repositoryPath } from "./check-view.ts";
import { icon } from "./icons.ts";
import { type Html, renderTime } from "./layout.ts";
import { renderConversationMarkdown } from "./markdown.ts";
import { renderInRepository } from "./repository-frame.ts";

/** A repository's releases and tags; `tag` picks one release out. */
export async function renderReleasesPage(
  hub: Hub,
  repository: Repository,
  { actor, only }: { readonly actor: string; readonly only?: Release },
): Promise<Html> {
  const path = repositoryPath(repository);
  const tags = await readTags(gitDirectory(hub, repository));
  const releases = only ? [only] : releasesOf(hub, repository);
  const latest = latestRelease(hub, repository);
  const view = { actor, tags, latest };
  return renderInRepository(hub, repository, {
    tab: "releases",
    title: only ? (only.name ?? only.tag) : "Tags and releases",
    crumbs: [
      { text: "releases", href: `${path}/releases` },
      ...(only ? [{ text: only.tag, href: releasePath(repository, only) }] : []),
    ],
    main: html`<div class="columns">
      <div>
        <div class="bar section">
          <h2>Releases</h2>
          <span class="grow"></span>
          <a class="button primary" href="${path}/releases/new">New tag or release</a>
        </div>
        ${releases.map((one) => renderRelease(hub, repository, one, view))}
        ${releases.length === 0 ? html`<p class="card empty muted">There is none yet.</p>` : ""}
      </div>
      <aside>
        <h2 class="section">Tags</h2>
        ${renderTagList(hub, repository, { actor, tags })}
      </aside>
    </div>`,
  });
}

/** A release's path on the pages. */
export function releasePath(repository: Repository, one: Release): string {
  const name = one.isDraft ? `untagged-${one.id}` : encodePath(one.tag);
  return `${repositoryPath(repository)}/releases/tag/${name}`;
}

function renderRelease(
  hub: Hub,
  repository: Repository,
  one: Release,
  view: {
    readonly actor: string;
    readonly tags: readonly GitTag[];
    readonly latest: Release | undefined;
  },
): Html {
  const path = repositoryPath(repository);
  const commit = view.tags.find((tag) => tag.name === one.tag)?.commit;
  const by = one.publishedAt ?? one.updatedAt;
  return html`<article class="card release">
    <header>
      <h3><a href="${releasePath(repository, one)}">${one.name ?? one.tag}</a></h3>
      ${one.isDraft ? html`<span class="pill tone-failure">draft</span>` : ""}
      ${one.isPrerelease ? html`<span class="pill tone-running">prerelease</span>` : ""}
      ${one === view.latest ? html`<span class="pill tone-success">latest</span>` : ""}
    </header>
    <p class="muted">
      ${icon("tag")} ${one.tag} ${commit === undefined ? "" : html`· ${renderSha(path, commit)}`} ·
      ${one.author} ${one.isDraft ? "wrote this" : "published this"} ${renderTime(by)}
    </p>
    ${one.body === null || one.body === "" ? "" : html`<div class="markdown">${raw(renderConversationMarkdown(one.body))}</div>`}
    <form class="buttons" method="post" action="${path}/releases/${one.id}/publish">
      ${one.isDraft ? html`<button class="primary">Publish</button>` : ""}
      <button formaction="${path}/releases/${one.id}/delete">Delete</button>
      ${renderAccountSelect(hub, repository, { id: `actor-${one.id}`, actor: view.actor })}
    </form>
  </article>`;
}

function renderTagList(
  hub: Hub,
  repository: Repository,
  { actor, tags }: { readonly actor: string; readonly tags: readonly GitTag[] },
): Html {
  const path = repositoryPath(repository);
  if (tags.length === 0) return html`<p class="card empty muted">There is none yet.</p>`;
  return html`<form class="card" method="post" action="${path}/tags/delete">
    <ul class="rows">
      ${tags.map(
        (tag) =>
          html`<li>
            ${icon("tag")}
            <div class="row-text">
              <strong>${tag.name}</strong>
              ${tag.message === undefined ? "" : html`<div class="muted">${tag.message}</div>`}
            </div>
            ${renderSha(path, tag.commit)}
            <button
              class="small"
              name="name"
              value="${tag.name}"
              title="Delete the tag ${tag.name}"
            >
              Delete
            </button>
          </li>`,
      )}
    </ul>
    <div class="buttons">${renderAccountSelect(hub, repository, { id: "actor-tags", actor })}</div>
  </form>`;
}

function renderSha(path: string, sha: string): Html {
  return html`<a class="sha" href="${path}/commit/${sha}">${sha.slice(0, 7)}</a>`;
}

/** The form that makes a tag, with or without a release. */
export function renderNewReleasePage(hub: Hub, repository: Repository, actor: string): Html {
  const path = repositoryPath(repository);
  const kinds = [
    ["release", "Release", "published at once"],
    ["prerelease", "Prerelease", "published, but not the latest"],
    ["draft", "Draft", "makes no tag until it is published"],
    ["tag", "Only the tag", "with the text above as its message, if there is one"],
  ] as const;
  return renderInRepository(hub, repository, {
    tab: "releases",
    title: "New tag or release",
    crumbs: [
      { text: "releases", href: `${path}/releases` },
      { text: "new", href: `${path}/releases/new` },
    ],
    main: html`<form class="card form" method="post" action="${path}/releases">
      <h2>New tag or release</h2>
      <div class="bar">
        <label>tag <input id="tag" name="tag" required placeholder="v1.0.0" /></label>
        <label>
          at <input id="target" name="target" placeholder="${repository.defaultBranch}" />
          <span class="muted">a branch or a commit, if the tag is new</span>
        </label>
      </div>
      <label for="name">Title</label>
      <input id="name" name="name" placeholder="as the tag" />
      <label for="body">What is new, in Markdown</label>
      <textarea id="body" name="body" rows="6"></textarea>
      <fieldset>
        ${kinds.map(
          ([kind, word, hint], i) =>
            html`<label
              ><input
                type="radio"
                id="kind-${kind}"
                name="kind"
                value="${kind}"
                ${i === 0 ? html`checked` : ""}
              />
              ${word} <span class="muted">${hint}</span></label
            >`,
        )}
      </fieldset>
      <div class="bar">
        <button class="primary">Create</button>
        ${renderAccountSelect(hub, repository, { id: "actor", actor })}
      </div>
    </form>`,
  });
}

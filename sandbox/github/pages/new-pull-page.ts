import { html } from "hono/html";
import { readRefs } from "../git.ts";
import { gitDirectory, type Hub } from "../hub.ts";
import type { Repository } from "../state.ts";
import { renderAccountSelect } from "./account-select.ts";
import { repositoryPath } from "./check-view.ts";
import type { Html } from "./layout.ts";
import { renderInRepository } from "./repository-frame.ts";

/** The form that opens a pull request from a branch, also from a fork's. */
export async function renderNewPullPage(
  hub: Hub,
  repository: Repository,
  { actor, wanted }: { readonly actor: string; readonly wanted: string },
): Promise<Html> {
  const own = await readBranches(hub, repository);
  const path = repositoryPath(repository);
  const forks = hub.state.repositories.filter((one) => one.forkOf === repository.id);
  const heads = own.filter((one) => one !== repository.defaultBranch);
  for (const fork of forks) {
    heads.push(...(await readBranches(hub, fork)).map((one) => `${fork.owner}:${one}`));
  }
  return renderInRepository(hub, repository, {
    tab: "pulls",
    title: "New pull request",
    crumbs: [
      { text: "pull requests", href: `${path}/pulls` },
      { text: "new", href: `${path}/compare` },
    ],
    main: html`<form class="card form" method="post" action="${path}/pulls">
      <h2>New pull request</h2>
      <div class="bar">
        <label>from ${renderChoice("head", heads, wanted)}</label> →
        <label>into ${renderChoice("base", own, repository.defaultBranch)}</label>
      </div>
      ${heads.length === 0 ? html`<p class="muted">Push a branch first.</p>` : ""}
      <label for="title">Title</label>
      <input id="title" name="title" required maxlength="256" />
      <label for="body">What it does, in Markdown</label>
      <textarea id="body" name="body" rows="6"></textarea>
      <div class="bar">
        <button class="primary">Open pull request</button>
        <label class="muted"><input type="checkbox" id="draft" name="draft" /> as a draft</label>
        ${renderAccountSelect(hub, repository, { id: "actor", actor })}
      </div>
    </form>`,
  });
}

function renderChoice(name: string, choices: readonly string[], chosen: string): Html {
  return html`<select name="${name}" id="${name}" required>
    ${choices.map((one) => html`<option ${one === chosen ? html`selected` : ""}>${one}</option>`)}
  </select>`;
}

async function readBranches(hub: Hub, repository: Repository): Promise<string[]> {
  const refs = await readRefs(gitDirectory(hub, repository));
  const prefix = "refs/heads/";
  return [...refs.keys()]
    .filter((ref) => ref.startsWith(prefix))
    .map((ref) => ref.slice(prefix.length));
}

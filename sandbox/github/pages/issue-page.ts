import { html } from "hono/html";
import type { Hub } from "../hub.ts";
import type { Issue } from "../issue-state.ts";
import type { Repository } from "../state.ts";
import { repositoryPath } from "./check-view.ts";
import { renderCommentForm } from "./comment-form.ts";
import { renderTitle } from "./commit-title.ts";
import { renderConversation } from "./conversation.ts";
import type { Html } from "./layout.ts";
import { renderInRepository } from "./repository-frame.ts";

/** One plain issue: what it says and was said. */
export function renderIssuePage(
  hub: Hub,
  repository: Repository,
  { issue, actor }: { readonly issue: Issue; readonly actor: string },
): Html {
  const path = `${repositoryPath(repository)}/issues/${issue.number}`;
  return renderInRepository(hub, repository, {
    tab: "pulls",
    title: `${issue.title} #${issue.number}`,
    crumbs: [{ text: `#${issue.number}`, href: path }],
    main: html`<header class="pull-head">
        <h1>${renderTitle(issue.title)} <span class="muted">#${issue.number}</span></h1>
        <p><span class="pill">issue</span> <strong>${issue.author}</strong> opened this</p>
      </header>
      ${renderConversation(hub, repository, issue)}
      ${renderCommentForm(hub, repository, { path, actor, more: html`` })}`,
  });
}

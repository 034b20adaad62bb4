import { html, raw } from "hono/html";
import type { Hub } from "../hub.ts";
import type { Comment, Issue, IssueEvent, ReactionContent } from "../issue-state.ts";
import { reactionContents } from "../issue-state.ts";
import type { Repository } from "../state.ts";
import { describeRole } from "./account-select.ts";
import { repositoryPath } from "./check-view.ts";
import { icon, type IconName } from "./icons.ts";
import { type Html, renderTime } from "./layout.ts";
import { renderConversationMarkdown } from "./markdown.ts";

/** The text of an issue or pull request, its comments and what happened in between, in the order of time. */
export function renderConversation(hub: Hub, repository: Repository, issue: Issue): Html {
  const comments = hub.state.comments.filter((one) => one.issueId === issue.id);
  const entries = [
    ...comments.map((one) => ({
      at: one.createdAt,
      shown: renderComment(hub, repository, one),
    })),
    ...issue.events.map((one) => ({ at: one.at, shown: renderEvent(repository, one) })),
  ];
  const { author, body, createdAt } = issue;
  const words = { author, body: body ?? "", createdAt, updatedAt: createdAt };
  return html`<div class="conversation">
    ${renderWords(hub, repository, words, { id: "description", footer: html`` })}
    ${entries.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)).map((one) => one.shown)}
  </div>`;
}

function renderComment(hub: Hub, repository: Repository, comment: Comment): Html {
  return renderWords(hub, repository, comment, {
    id: `issuecomment-${comment.id}`,
    footer: renderReactions(hub, comment),
  });
}

function renderWords(
  hub: Hub,
  repository: Repository,
  words: Pick<Comment, "author" | "body" | "createdAt" | "updatedAt">,
  { id, footer }: { readonly id: string; readonly footer: Html },
): Html {
  const { author, body, createdAt, updatedAt } = words;
  const role = author.endsWith("[bot]") ? "bot" : describeRole(hub, repository, author);
  return html`<article class="card comment" id="${id}">
    <header>
      <img src="/_local/avatar/${encodeURIComponent(author)}.svg" alt="" width="24" height="24" />
      <strong>${author}</strong>
      ${role === undefined ? "" : html`<span class="pill">${role}</span>`}
      <a class="muted" href="#${id}">${renderTime(createdAt)}</a>
      ${updatedAt === createdAt ? "" : html`<span class="muted">· edited ${renderTime(updatedAt)}</span>`}
    </header>
    <div class="markdown">
      ${body.trim() === "" ? html`<p class="muted">No text.</p>` : raw(renderConversationMarkdown(body))}
    </div>
    ${footer}
  </article>`;
}

const reactionWords: Readonly<Record<ReactionContent, string>> = {
  "+1": "thumbs up",
  "-1": "thumbs down",
  laugh: "laugh",
  confused: "confused",
  heart: "heart",
  hooray: "hooray",
  rocket: "rocket",
  eyes: "eyes",
};

function renderReactions(hub: Hub, comment: Comment): Html {
  const all = hub.state.reactions.filter((one) => one.commentId === comment.id);
  if (all.length === 0) return html``;
  const shown = reactionContents.flatMap((content) => {
    const people = all.filter((one) => one.content === content).map((one) => one.user);
    if (people.length === 0) return [];
    const title = `${reactionWords[content]} by ${people.join(", ")}`;
    return [
      html`<li class="reaction" title="${title}">
        ${icon(content, reactionWords[content])} ${people.length}
      </li>`,
    ];
  });
  return html`<ul class="reactions" aria-label="Reactions">
    ${shown}
  </ul>`;
}

const happened: Readonly<Record<IssueEvent["kind"], readonly [IconName, string]>> = {
  pushed: ["commit", "pushed"],
  force_pushed: ["commit", "force-pushed"],
  closed: ["pull", "closed this"],
  reopened: ["pull", "reopened this"],
  merged: ["merge", "merged this as"],
  draft: ["pull", "made this a draft"],
  ready: ["pull", "marked this as ready for review"],
  renamed: ["pull", "changed the title"],
  branch_deleted: ["pull", "deleted the branch"],
};

function renderEvent(repository: Repository, event: IssueEvent): Html {
  const [drawing, words] = happened[event.kind];
  const commit =
    event.sha === undefined
      ? ""
      : html`<a class="sha" href="${repositoryPath(repository)}/commit/${event.sha}"
          >${event.sha.slice(0, 7)}</a
        >`;
  return html`<p class="event event-${event.kind}">
    ${icon(drawing)}
    <img
      src="/_local/avatar/${encodeURIComponent(event.actor)}.svg"
      alt=""
      width="20"
      height="20"
    />
    <strong>${event.actor}</strong> ${words} ${commit}
    <span class="muted">${renderTime(event.at)}</span>
  </p>`;
}

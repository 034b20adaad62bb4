import { html } from "hono/html";
import type { Hub } from "../hub.ts";
import type { Repository } from "../state.ts";
import { renderAccountSelect } from "./account-select.ts";
import type { Html } from "./layout.ts";

/** The box to comment in, with other buttons beside its own. */
export function renderCommentForm(
  hub: Hub,
  repository: Repository,
  { path, actor, more }: { readonly path: string; readonly actor: string; readonly more: Html },
): Html {
  return html`<form class="card form" method="post" action="${path}/comment">
    <label for="comment">Add a comment</label>
    <textarea id="comment" name="body" rows="4" placeholder="/deploy staging" required></textarea>
    <div class="bar">
      <button class="primary">Comment</button>
      ${renderAccountSelect(hub, repository, { id: "actor", actor })}
      <span class="grow"></span>
      ${more}
    </div>
  </form>`;
}

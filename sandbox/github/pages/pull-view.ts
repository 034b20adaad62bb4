import { html } from "hono/html";
import { encodePath } from "../format/commit.ts";
import type { Hub } from "../hub.ts";
import type { PullRequest } from "../pull-refs.ts";
import type { Repository } from "../state.ts";
import { repositoryPath } from "./check-view.ts";
import { icon } from "./icons.ts";
import type { Html } from "./layout.ts";

/** Where a pull request stands, in one word. */
export type PullState = "open" | "draft" | "merged" | "closed";

/** Where a pull request stands. */
export function pullState(request: PullRequest): PullState {
  if (request.pull.mergedAt !== null) return "merged";
  if (request.state === "closed") return "closed";
  return request.pull.isDraft ? "draft" : "open";
}

/** A pull request's path on the pages. */
export function pullPath(repository: Repository, request: Pick<PullRequest, "number">): string {
  return `${repositoryPath(repository)}/pull/${request.number}`;
}

/** The state as a drawing in its colour. */
export function pullIcon(state: PullState): Html {
  return html`<span class="pull-icon pull-${state}"
    >${icon(state === "merged" ? "merge" : "pull", state)}</span
  >`;
}

/** The state as a coloured pill. */
export function renderPullState(state: PullState): Html {
  return html`<span class="pill solid pull-${state}"
    >${icon(state === "merged" ? "merge" : "pull")} ${state}</span
  >`;
}

/** The branches: from where to where. A fork's branch is named with its owner. */
export function renderBranches(hub: Hub, repository: Repository, request: PullRequest): Html {
  const { headBranch, baseBranch, headRepositoryId } = request.pull;
  const head = hub.state.repositories.find((one) => one.id === headRepositoryId);
  const isFork = headRepositoryId !== repository.id;
  const from = isFork ? `${head?.owner ?? "unknown"}:${headBranch}` : headBranch;
  const at = `${repositoryPath(head ?? repository)}/commit/${encodePath(request.pull.headSha)}`;
  return html`<span class="branches"
    ><a class="pill ref" href="${at}">${from}</a> → <span class="pill ref">${baseBranch}</span>${
      isFork ? html` <span class="pill">fork</span>` : ""
    }</span
  >`;
}

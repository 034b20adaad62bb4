import type { JsonObject } from "../../contract/json-value.ts";
import { readGrantedRole } from "../granted-role.ts";
import { botLogin, findUser, type Hub, nodeId } from "../hub.ts";
import { type Comment, type Issue, type Reaction, reactionContents } from "../issue-state.ts";
import type { Repository } from "../state.ts";
import { formatAccount } from "./account.ts";
import { formatAppInside } from "./app.ts";
import { repositoryApi, repositoryPage } from "./repository.ts";

/** The page of an issue or a pull request. */
export function issuePage(hub: Hub, repository: Repository, issue: Issue): string {
  return `${repositoryPage(hub, repository)}/${issue.pull ? "pull" : "issues"}/${issue.number}`;
}

/** What an account is to a repository, in GitHub's words. */
export function describeAssociation(hub: Hub, repository: Repository, login: string): string {
  if (login === repository.owner) return "OWNER";
  if (readGrantedRole(repository, login)) {
    const owner = findUser(hub, repository.owner);
    return owner?.type === "Organization" ? "MEMBER" : "COLLABORATOR";
  }
  const hasContributed = hub.state.issues.some(
    (one) => one.repositoryId === repository.id && one.author === login && one.pull?.mergedAt,
  );
  return hasContributed ? "CONTRIBUTOR" : "NONE";
}

/** An issue as GitHub's `issue`; a pull request says so by `pull_request`. */
export function formatIssue(hub: Hub, repository: Repository, issue: Issue): JsonObject {
  const api = repositoryApi(hub, repository);
  const url = `${api}/issues/${issue.number}`;
  const page = issuePage(hub, repository, issue);
  return {
    id: issue.id,
    node_id: nodeId("Issue", issue.id),
    url,
    repository_url: api,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: page,
    number: issue.number,
    state: issue.state,
    state_reason: null,
    title: issue.title,
    body: issue.body,
    user: formatAccount(hub, issue.author),
    labels: [],
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    active_lock_reason: null,
    comments: hub.state.comments.filter((one) => one.issueId === issue.id).length,
    closed_at: issue.closedAt,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    author_association: describeAssociation(hub, repository, issue.author),
    performed_via_github_app: viaApp(hub, issue.author),
    reactions: countReactions(`${url}/reactions`, []),
    ...(issue.pull && {
      draft: issue.pull.isDraft,
      pull_request: {
        url: `${api}/pulls/${issue.number}`,
        html_url: page,
        diff_url: `${page}.diff`,
        patch_url: `${page}.patch`,
        merged_at: issue.pull.mergedAt,
      },
    }),
  };
}

/** A comment as GitHub's `issue-comment`. */
export function formatComment(
  hub: Hub,
  repository: Repository,
  issue: Issue,
  comment: Comment,
): JsonObject {
  const api = repositoryApi(hub, repository);
  const url = `${api}/issues/comments/${comment.id}`;
  const reactions = hub.state.reactions.filter((one) => one.commentId === comment.id);
  return {
    id: comment.id,
    node_id: nodeId("IssueComment", comment.id),
    url,
    html_url: `${issuePage(hub, repository, issue)}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${issue.number}`,
    user: formatAccount(hub, comment.author),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: describeAssociation(hub, repository, comment.author),
    performed_via_github_app: viaApp(hub, comment.author),
    reactions: countReactions(`${url}/reactions`, reactions),
  };
}

/** A reaction as GitHub's `reaction`. */
export function formatReaction(hub: Hub, reaction: Reaction): JsonObject {
  return {
    id: reaction.id,
    node_id: nodeId("Reaction", reaction.id),
    user: formatAccount(hub, reaction.user),
    content: reaction.content,
    created_at: reaction.createdAt,
  };
}

function viaApp(hub: Hub, login: string): JsonObject | null {
  return login === botLogin(hub) ? formatAppInside(hub) : null;
}

function countReactions(url: string, reactions: readonly Reaction[]): JsonObject {
  const count = (content: string) => reactions.filter((one) => one.content === content).length;
  return {
    url,
    total_count: reactions.length,
    ...Object.fromEntries(reactionContents.map((content) => [content, count(content)])),
  };
}

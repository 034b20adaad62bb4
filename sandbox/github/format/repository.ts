import type { JsonObject } from "../../contract/json-value.ts";
import { type Hub, nodeId } from "../hub.ts";
import type { Repository } from "../state.ts";
import { formatAccount } from "./account.ts";

// Names of the addresses below a repository's API address → their path.
const addresses: Readonly<Record<string, string>> = {
  archive_url: "/{archive_format}{/ref}",
  assignees_url: "/assignees{/user}",
  blobs_url: "/git/blobs{/sha}",
  branches_url: "/branches{/branch}",
  collaborators_url: "/collaborators{/collaborator}",
  comments_url: "/comments{/number}",
  commits_url: "/commits{/sha}",
  compare_url: "/compare/{base}...{head}",
  contents_url: "/contents/{+path}",
  contributors_url: "/contributors",
  deployments_url: "/deployments",
  downloads_url: "/downloads",
  events_url: "/events",
  forks_url: "/forks",
  git_commits_url: "/git/commits{/sha}",
  git_refs_url: "/git/refs{/sha}",
  git_tags_url: "/git/tags{/sha}",
  hooks_url: "/hooks",
  issue_comment_url: "/issues/comments{/number}",
  issue_events_url: "/issues/events{/number}",
  issues_url: "/issues{/number}",
  keys_url: "/keys{/key_id}",
  labels_url: "/labels{/name}",
  languages_url: "/languages",
  merges_url: "/merges",
  milestones_url: "/milestones{/number}",
  notifications_url: "/notifications{?since,all,participating}",
  pulls_url: "/pulls{/number}",
  releases_url: "/releases{/id}",
  stargazers_url: "/stargazers",
  statuses_url: "/statuses/{sha}",
  subscribers_url: "/subscribers",
  subscription_url: "/subscription",
  tags_url: "/tags",
  teams_url: "/teams",
  trees_url: "/git/trees{/sha}",
};

const counts = {
  forks: 0,
  forks_count: 0,
  network_count: 0,
  open_issues: 0,
  open_issues_count: 0,
  size: 0,
  stargazers_count: 0,
  subscribers_count: 0,
  watchers: 0,
  watchers_count: 0,
};

/** A repository's address in the API. */
export function repositoryApi(hub: Hub, repository: Repository): string {
  return `${hub.urls.api}/repos/${repository.owner}/${repository.name}`;
}

/** A repository's page. */
export function repositoryPage(hub: Hub, repository: Repository): string {
  return `${hub.urls.web}/${repository.owner}/${repository.name}`;
}

/** A repository as GitHub's `full-repository` and as it stands in most webhooks. */
export function formatRepository(hub: Hub, repository: Repository): JsonObject {
  const api = repositoryApi(hub, repository);
  const page = repositoryPage(hub, repository);
  return {
    id: repository.id,
    node_id: nodeId("Repository", repository.id),
    name: repository.name,
    full_name: `${repository.owner}/${repository.name}`,
    owner: formatAccount(hub, repository.owner),
    private: repository.isPrivate,
    visibility: repository.isPrivate ? "private" : "public",
    html_url: page,
    url: api,
    ...Object.fromEntries(Object.entries(addresses).map(([name, path]) => [name, api + path])),
    clone_url: `${page}.git`,
    git_url: page.replace(/^https?:/, "git:"),
    ssh_url: `git@${new URL(page).hostname}:${repository.owner}/${repository.name}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    description: null,
    language: null,
    license: null,
    default_branch: repository.defaultBranch,
    fork: repository.forkOf !== undefined,
    archived: false,
    disabled: false,
    is_template: false,
    allow_forking: true,
    web_commit_signoff_required: false,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    topics: [],
    ...counts,
    created_at: repository.createdAt,
    updated_at: repository.pushedAt,
    pushed_at: repository.pushedAt,
  };
}

/** A repository as it stands in a push: its times are seconds since 1970 there. */
export function formatPushedRepository(hub: Hub, repository: Repository): JsonObject {
  const seconds = (text: string) => Math.floor(Date.parse(text) / 1000);
  const {
    network_count: _network,
    subscribers_count: _subscribers,
    ...rest
  } = formatRepository(hub, repository);
  return {
    ...rest,
    owner: { ...formatAccount(hub, repository.owner), name: repository.owner, email: null },
    created_at: seconds(repository.createdAt),
    pushed_at: seconds(repository.pushedAt),
    stargazers: 0,
    master_branch: repository.defaultBranch,
  };
}

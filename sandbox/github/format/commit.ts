import type { JsonObject } from "../../contract/json-value.ts";
import type { ChangedFile, GitCommit, Signature } from "../git-commits.ts";
import { type Hub, nodeId, timestamp } from "../hub.ts";
import type { Repository } from "../state.ts";
import { formatAccount } from "./account.ts";
import { repositoryApi, repositoryPage } from "./repository.ts";

/** A commit as GitHub's `commit`. */
export function formatCommit(hub: Hub, repository: Repository, commit: GitCommit): JsonObject {
  const api = repositoryApi(hub, repository);
  const page = repositoryPage(hub, repository);
  const git = `${api}/git/commits/${commit.sha}`;
  return {
    sha: commit.sha,
    node_id: nodeId("Commit", Number.parseInt(commit.sha.slice(0, 10), 16)),
    commit: {
      author: formatSignature(commit.author),
      committer: formatSignature(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: git,
      comment_count: 0,
      verification: {
        verified: false,
        reason: "unsigned",
        signature: null,
        payload: null,
        verified_at: null,
      },
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: formatPerson(hub, commit.author),
    committer: formatPerson(hub, commit.committer),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
  };
}

/** A changed file as GitHub's `diff-entry`, without its patch. */
export function formatChangedFile(
  hub: Hub,
  repository: Repository,
  place: { readonly sha: string; readonly file: ChangedFile },
): JsonObject {
  const { sha, file } = place;
  const path = encodePath(file.path);
  const page = repositoryPage(hub, repository);
  return {
    sha: file.blob,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${sha}/${path}`,
    raw_url: `${page}/raw/${sha}/${path}`,
    contents_url: `${repositoryApi(hub, repository)}/contents/${path}?ref=${sha}`,
    ...(file.previousPath !== undefined && { previous_filename: file.previousPath }),
  };
}

/** A path for an address: each part escaped, the slashes kept. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** The login whose address a person commits with; undefined for a stranger. */
export function loginOf(hub: Hub, person: Signature): string | undefined {
  const email = person.email.toLowerCase();
  return hub.state.users.find((user) => user.email.toLowerCase() === email)?.login;
}

function formatSignature({ name, email, date }: Signature): JsonObject {
  return { name, email, date: timestamp(new Date(date)) };
}

function formatPerson(hub: Hub, person: Signature): JsonObject | null {
  const login = loginOf(hub, person);
  return login === undefined ? null : formatAccount(hub, login);
}

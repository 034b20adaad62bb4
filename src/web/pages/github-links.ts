import type { Deployment } from "../../deployment.ts";
import { refName } from "../../ref-name.ts";

/** Addresses on GitHub of what a deployment names. Every part of a path is encoded. */
export interface GitHubLinks {
  readonly repository: string;
  readonly commit: string;
  /** Of the branch, tag or pull request that it was deployed from; of the commit when that was named itself. */
  readonly ref: string;
  readonly actor: string;
  pullRequest(number: number): string;
  /** A line of a file at the deployed commit. */
  line(path: string, line: number): string;
}

/** Links below `githubUrl`, the address at which people see GitHub. */
export function githubLinks(githubUrl: string, deployment: Deployment): GitHubLinks {
  const base = githubUrl.replace(/\/+$/, "");
  const { owner, name } = deployment.repository;
  const repository = `${base}/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
  const sha = encodeURIComponent(deployment.sha);
  return {
    repository,
    commit: `${repository}/commit/${sha}`,
    ref: `${repository}/${refPath(deployment)}`,
    actor: `${base}/${encodeURIComponent(deployment.actor)}`,
    pullRequest: (number) => `${repository}/pull/${number}`,
    line: (path, line) => `${repository}/blob/${sha}/${encodePath(path)}#L${line}`,
  };
}

/** The address if a browser may safely open it, else null: a policy could name any scheme. */
export function webAddress(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
}

function refPath({ ref, sha }: Deployment): string {
  const { kind, name } = refName(ref);
  if (kind === "pull_request") return `pull/${encodeURIComponent(name.slice(1))}`;
  return kind === "commit" ? `commit/${encodeURIComponent(sha)}` : `tree/${encodePath(name)}`;
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

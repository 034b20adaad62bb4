import type { Octokit } from "@octokit/rest";
import type { RepositoryRef } from "../deployment.ts";
import { createInstallationClient, type ClientDeps } from "../github/client.ts";
import { toGitHubError } from "../github/errors.ts";

/**
 * Runs one call to GitHub as the installation of a repository. Throws `github_unavailable`, which names the action and
 * the repository.
 */
export type InstallationCall = <T>(
  repository: RepositoryRef,
  action: string,
  work: (client: Octokit, where: { readonly owner: string; readonly repo: string }) => Promise<T>,
) => Promise<T>;

/** Calls through one client per installation. */
export function createInstallationCalls(deps: ClientDeps): InstallationCall {
  const clients = new Map<number, Octokit>();

  function clientOf({ installationId }: RepositoryRef): Octokit {
    const known = clients.get(installationId);
    if (known) return known;
    const client = createInstallationClient(deps, installationId);
    clients.set(installationId, client);
    return client;
  }

  return async (repository, action, work) => {
    const { owner, name: repo } = repository;
    try {
      return await work(clientOf(repository), { owner, repo });
    } catch (error) {
      throw toGitHubError(`${action} of ${owner}/${repo}`, error, deps.clock.now());
    }
  };
}

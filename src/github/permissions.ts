import { ROLES, type Permissions, type Role } from "../policy/ports.ts";
import { createInstallationClient, type ClientDeps } from "./client.ts";
import { toGitHubError } from "./errors.ts";

/** Roles as GitHub tells them now; a person it does not know has `none`. Throws `github_unavailable`. */
export function createOctokitPermissions(deps: ClientDeps): Permissions {
  return {
    async roleOf(repository, login) {
      const octokit = createInstallationClient(deps, repository.installationId);
      try {
        const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({
          owner: repository.owner,
          repo: repository.name,
          username: login,
        });
        return asRole(data.role_name) ?? asRole(data.permission) ?? "none";
      } catch (error) {
        const failure = toGitHubError(`asking for the role of ${login}`, error, deps.clock.now());
        if (failure.details["status"] === 404) return "none";
        throw failure;
      }
    },
  };
}

function asRole(name: string): Role | null {
  return ROLES.find((role) => role === name) ?? null;
}

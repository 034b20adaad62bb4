import type { RepositoryRef } from "../deployment.ts";

/** Who may do what in a repository, as GitHub says now. */
export interface Permissions {
  /** The person's `role_name` (`read`, `write`, `maintain`, `admin`, or a custom one); `none` for a stranger. */
  roleOf(repository: RepositoryRef, login: string): Promise<string>;
}

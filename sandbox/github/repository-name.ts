import { findRepository, type Hub } from "./hub.ts";
import type { Repository } from "./state.ts";

/** Names a repository. */
export interface RepositoryName {
  readonly owner: string;
  readonly repo: string;
}

/** The repository of this name; throws when there is none. */
export function requireRepository(
  hub: Pick<Hub, "state">,
  { owner, repo }: RepositoryName,
): Repository {
  const found = findRepository(hub, owner, repo);
  if (!found) throw new Error(`looking for ${owner}/${repo}: there is no such repository`);
  return found;
}

import { addUser } from "./accounts.ts";
import type { Turns } from "./git-http.ts";
import type { Release } from "./release-state.ts";
import {
  addRelease,
  changeRelease,
  type ReleaseFields,
  type ReleasePlace,
  releasesOf,
  removeRelease,
} from "./releases.ts";
import { type RepositoryName, requireRepository } from "./repository-name.ts";
import type { LiveHub } from "./webhooks.ts";

/** Names a release, and who changes it; the repository's owner when nobody is named. */
export interface ReleaseUse extends RepositoryName {
  readonly releaseId: number;
  readonly user?: string;
}

/** What people do with releases. */
export interface ReleaseOperations {
  /** Drafts one or publishes it, which makes the tag when there is none. */
  createRelease(use: RepositoryName & ReleaseFields & { readonly user?: string }): Promise<Release>;
  /** Changes what is named; `draft: false` publishes a draft. */
  editRelease(use: ReleaseUse & Partial<ReleaseFields>): Promise<Release>;
  /** The tag stays. */
  deleteRelease(use: ReleaseUse): void;
  /** As GitHub lists them: drafts, then the newest commit's first. */
  releases(use: RepositoryName): Release[];
}

/** Creates the operations over a hub. */
export function createReleaseOperations(hub: LiveHub, turns: Turns): ReleaseOperations {
  const placeOf = (use: RepositoryName & { readonly user?: string }): ReleasePlace => ({
    hub,
    turns,
    repository: requireRepository(hub, use),
    user: addUser(hub, { login: use.user ?? use.owner }).login,
  });
  const requireRelease = (use: ReleaseUse): Release => {
    const { id } = requireRepository(hub, use);
    const found = hub.state.releases.find(
      (one) => one.id === use.releaseId && one.repositoryId === id,
    );
    if (!found)
      throw new Error(
        `looking for release ${use.releaseId}: ${use.owner}/${use.repo} has none such`,
      );
    return found;
  };
  return {
    createRelease: (use) => addRelease(placeOf(use), use),
    editRelease: async (use) => {
      const release = requireRelease(use);
      await changeRelease(placeOf(use), release, use);
      return release;
    },
    deleteRelease: (use) => removeRelease(placeOf(use), requireRelease(use)),
    releases: (use) => releasesOf(hub, requireRepository(hub, use)),
  };
}

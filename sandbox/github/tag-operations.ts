import { addUser } from "./accounts.ts";
import type { Turns } from "./git-http.ts";
import { resolveCommit } from "./git.ts";
import { type GitTag, readTags, removeTag, writeTag } from "./git-tags.ts";
import { gitDirectory } from "./hub.ts";
import { watchRefs } from "./push-events.ts";
import { type RepositoryName, requireRepository } from "./repository-name.ts";
import type { Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** What people do with tags without a clone; webhooks are sent as for any push. */
export interface TagOperations {
  /** Makes a tag, annotated when it has a message, at a branch, tag or commit (the default branch's head). */
  createTag(
    use: RepositoryName & {
      readonly name: string;
      readonly ref?: string;
      readonly message?: string;
      readonly user?: string;
      /** Moves a tag that exists. */
      readonly force?: boolean;
    },
  ): Promise<{
    /** The commit. */
    readonly sha: string;
    /** What the ref points to: the tag object of an annotated tag, else the commit. */
    readonly object: string;
  }>;
  deleteTag(use: RepositoryName & { readonly name: string; readonly user?: string }): Promise<void>;
  /** The highest version first. */
  tags(use: RepositoryName): Promise<GitTag[]>;
}

/** Creates the operations over a hub. */
export function createTagOperations(hub: LiveHub, turns: Turns): TagOperations {
  return {
    createTag: async (use) => {
      const repository = requireRepository(hub, use);
      const { login, name, email } = addUser(hub, { login: use.user ?? use.owner });
      const sha = await commitAt(hub, repository, use.ref);
      const tag = {
        name: use.name,
        sha,
        tagger: { name, email },
        at: hub.now(),
        force: use.force ?? false,
        ...(use.message !== undefined && { message: use.message }),
      };
      const act = () => writeTag(gitDirectory(hub, repository), tag);
      const object = await turns.run(repository.id, () =>
        watchRefs(hub, { repository, pusher: login }, act),
      );
      return { sha, object };
    },
    deleteTag: async (use) => {
      const repository = requireRepository(hub, use);
      const pusher = addUser(hub, { login: use.user ?? use.owner }).login;
      const act = () => removeTag(gitDirectory(hub, repository), use.name);
      await turns.run(repository.id, () => watchRefs(hub, { repository, pusher }, act));
    },
    tags: (use) => readTags(gitDirectory(hub, requireRepository(hub, use))),
  };
}

/** The commit of a branch, tag or id, by default of the default branch; throws when there is none. */
export async function commitAt(
  hub: LiveHub,
  repository: Repository,
  ref: string = repository.defaultBranch,
): Promise<string> {
  const sha = await resolveCommit(gitDirectory(hub, repository), ref);
  if (sha === undefined)
    throw new Error(`looking for ${JSON.stringify(ref)}: it names no branch, tag or commit`);
  return sha;
}

import type { JsonObject } from "../contract/json-value.ts";
import { formatRelease } from "./format/release.ts";
import { resolveCommit } from "./git.ts";
import { readCommit } from "./git-commits.ts";
import { writeTag } from "./git-tags.ts";
import type { Turns } from "./git-http.ts";
import { gitDirectory, nextId, timestamp } from "./hub.ts";
import { watchRefs } from "./push-events.ts";
import type { Release } from "./release-state.ts";
import type { Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** What a person writes into a release's form. */
export interface ReleaseFields {
  readonly tag: string;
  /** Where the tag is made when there is none: a branch or a commit. */
  readonly target?: string;
  readonly name?: string;
  readonly body?: string;
  readonly draft?: boolean;
  readonly prerelease?: boolean;
}

/** Where a release is made or changed, and by whom. */
export interface ReleasePlace {
  readonly hub: LiveHub;
  readonly turns: Turns;
  readonly repository: Repository;
  readonly user: string;
}

/**
 * Makes a release. One that is no draft also makes its tag when there is none, lightweight and at
 * the target, with the webhooks of a pushed tag; throws when there is nothing to tag.
 */
export async function addRelease(place: ReleasePlace, fields: ReleaseFields): Promise<Release> {
  const { hub, repository, user } = place;
  const { tag, target = repository.defaultBranch, draft = false, prerelease = false } = fields;
  if (!draft) refuseTaken(hub, repository, tag);
  const now = timestamp(hub.now());
  const release: Release = {
    id: nextId(hub),
    repositoryId: repository.id,
    tag,
    target,
    name: fields.name ?? null,
    body: fields.body ?? null,
    isDraft: draft,
    isPrerelease: prerelease,
    author: user,
    createdAt: await dateOf(hub, repository, { tag, target }),
    publishedAt: draft ? null : now,
    updatedAt: now,
  };
  if (!draft) await ensureTag(place, { tag, target });
  hub.state.releases.push(release);
  hub.changed();
  const kind = prerelease ? "prereleased" : "released";
  for (const action of draft ? ["created"] : ["created", "published", kind])
    emitRelease(place, release, { action });
  return release;
}

/** Changes a release; a draft that stops being one is published. Throws as `addRelease` does. */
export async function changeRelease(
  place: ReleasePlace,
  release: Release,
  fields: Partial<ReleaseFields>,
): Promise<void> {
  const { hub, repository } = place;
  const before = { ...release };
  const isDraft = fields.draft ?? release.isDraft;
  const { tag = release.tag, target = release.target } = fields;
  if (!isDraft) {
    refuseTaken(hub, repository, tag, release);
    await ensureTag(place, { tag, target });
  }
  const now = timestamp(hub.now());
  Object.assign(release, {
    tag,
    target,
    isDraft,
    name: fields.name ?? release.name,
    body: fields.body ?? release.body,
    isPrerelease: fields.prerelease ?? release.isPrerelease,
    createdAt: await dateOf(hub, repository, { tag, target }),
    publishedAt: isDraft ? null : (release.publishedAt ?? now),
    updatedAt: now,
  } satisfies Partial<Release>);
  hub.changed();
  emitChange(place, before, release);
}

/** Removes a release; its tag stays. */
export function removeRelease(place: ReleasePlace, release: Release): void {
  const { state } = place.hub;
  state.releases.splice(state.releases.indexOf(release), 1);
  place.hub.changed();
  emitRelease(place, release, { action: "deleted" });
}

/** A repository's releases as GitHub lists them: drafts first, then the newest commit's. */
export function releasesOf(hub: Pick<LiveHub, "state">, repository: Repository): Release[] {
  const rank = (one: Release) => `${one.isDraft ? 1 : 0} ${one.createdAt}`;
  return hub.state.releases
    .filter((one) => one.repositoryId === repository.id)
    .toSorted((a, b) => rank(b).localeCompare(rank(a)) || b.id - a.id);
}

/** The release that GitHub marks as the latest: no draft, no prerelease, of the newest commit. */
export function latestRelease(
  hub: Pick<LiveHub, "state">,
  repository: Repository,
): Release | undefined {
  return releasesOf(hub, repository).find((one) => !one.isDraft && !one.isPrerelease);
}

function emitChange(place: ReleasePlace, before: Release, release: Release): void {
  if (before.isDraft !== release.isDraft) {
    // A prerelease that was a draft is only "published"; GitHub says so in its list of events.
    const more = release.isPrerelease ? [] : ["released"];
    for (const action of release.isDraft ? ["unpublished"] : ["published", ...more])
      emitRelease(place, release, { action });
    return;
  }
  const from = (old: string | null, now: string | null, name: string) =>
    old === now ? {} : { [name]: { from: old ?? "" } };
  const changes = {
    ...from(before.name, release.name, "name"),
    ...from(before.body, release.body, "body"),
    ...from(before.tag, release.tag, "tag_name"),
  };
  emitRelease(place, release, { action: "edited", changes });
  if (before.isPrerelease && !release.isPrerelease && !release.isDraft)
    emitRelease(place, release, { action: "released" });
}

function emitRelease(
  { hub, repository, user }: ReleasePlace,
  release: Release,
  about: { readonly action: string; readonly changes?: JsonObject },
): void {
  const payload = { ...about, release: formatRelease(hub, repository, release) };
  hub.emit({ event: "release", repository, sender: user, payload });
}

function refuseTaken(hub: LiveHub, repository: Repository, tag: string, own?: Release): void {
  const isTaken = hub.state.releases.some(
    (one) => one !== own && one.repositoryId === repository.id && !one.isDraft && one.tag === tag,
  );
  if (isTaken)
    throw new Error(`publishing ${JSON.stringify(tag)}: this tag has a release already; edit that`);
}

interface TagAndTarget {
  readonly tag: string;
  readonly target: string;
}

async function ensureTag(place: ReleasePlace, { tag, target }: TagAndTarget): Promise<void> {
  const { hub, turns, repository, user } = place;
  const directory = gitDirectory(hub, repository);
  const act = async () => {
    if ((await resolveCommit(directory, `refs/tags/${tag}`)) !== undefined) return;
    const sha = await resolveCommit(directory, target);
    if (sha === undefined)
      throw new Error(
        `publishing ${JSON.stringify(tag)}: there is neither such a tag nor a commit ${JSON.stringify(target)} to tag`,
      );
    // A lightweight tag has no tagger; the name is not written anywhere.
    await writeTag(directory, { name: tag, sha, tagger: { name: user, email: "" }, at: hub.now() });
  };
  await turns.run(repository.id, () => watchRefs(hub, { repository, pusher: user }, act));
}

async function dateOf(
  hub: LiveHub,
  repository: Repository,
  { tag, target }: TagAndTarget,
): Promise<string> {
  const directory = gitDirectory(hub, repository);
  const sha =
    (await resolveCommit(directory, `refs/tags/${tag}`)) ??
    (await resolveCommit(directory, target));
  if (sha === undefined) return timestamp(hub.now());
  return timestamp(new Date((await readCommit(directory, sha)).committer.date));
}

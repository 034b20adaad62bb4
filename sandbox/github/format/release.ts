import type { JsonObject } from "../../contract/json-value.ts";
import { type Hub, nodeId } from "../hub.ts";
import type { Release } from "../release-state.ts";
import type { Repository } from "../state.ts";
import { formatAccount } from "./account.ts";
import { encodePath } from "./commit.ts";
import { repositoryApi, repositoryPage } from "./repository.ts";

/** A release's page. */
export function releasePage(hub: Hub, repository: Repository, one: Release): string {
  // GitHub keeps a draft's tag out of its address.
  const name = one.isDraft ? `untagged-${one.id}` : encodePath(one.tag);
  return `${repositoryPage(hub, repository)}/releases/tag/${name}`;
}

/** A release as GitHub's `release`. */
export function formatRelease(hub: Hub, repository: Repository, one: Release): JsonObject {
  const api = repositoryApi(hub, repository);
  const url = `${api}/releases/${one.id}`;
  const archive = (kind: string) =>
    one.isDraft ? null : `${api}/${kind}/${encodeURIComponent(one.tag)}`;
  return {
    url,
    html_url: releasePage(hub, repository, one),
    assets_url: `${url}/assets`,
    upload_url: `${url}/assets{?name,label}`,
    tarball_url: archive("tarball"),
    zipball_url: archive("zipball"),
    id: one.id,
    node_id: nodeId("Release", one.id),
    tag_name: one.tag,
    target_commitish: one.target,
    name: one.name,
    body: one.body,
    draft: one.isDraft,
    prerelease: one.isPrerelease,
    immutable: false,
    created_at: one.createdAt,
    published_at: one.publishedAt,
    updated_at: one.updatedAt,
    author: formatAccount(hub, one.author),
    assets: [],
  };
}

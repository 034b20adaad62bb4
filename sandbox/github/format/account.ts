import type { JsonObject } from "../../contract/json-value.ts";
import { botLogin, findUser, type Hub, nodeId } from "../hub.ts";

/** A user, organisation or the App's bot as GitHub's `simple-user`; an unknown login is a plain user. */
export function formatAccount(hub: Hub, login: string): JsonObject {
  const isBot = login === botLogin(hub);
  const user = findUser(hub, login);
  const id = isBot ? 900_000 + hub.state.app.id : (user?.id ?? 1);
  const slug = /^(.+)\[bot\]$/.exec(login)?.[1];
  const url = `${hub.urls.api}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: nodeId("User", id),
    avatar_url: `${hub.urls.web}/_local/avatar/${encodeURIComponent(login)}.svg`,
    gravatar_id: "",
    url,
    html_url: `${hub.urls.web}/${slug === undefined ? login : `apps/${slug}`}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: isBot ? "Bot" : (user?.type ?? "User"),
    user_view_type: "public",
    site_admin: false,
  };
}

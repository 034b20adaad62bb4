import type { JsonObject } from "../../contract/json-value.ts";
import { botLogin, findOtherApp, type Hub, nodeId } from "../hub.ts";
import type { Installation } from "../state.ts";
import { formatAccount } from "./account.ts";

/** The App as GitHub's `integration`. */
export function formatApp(hub: Hub): JsonObject {
  const { app, users } = hub.state;
  return {
    id: app.id,
    slug: hub.manifest.slug,
    client_id: `Iv23li${app.id}`,
    node_id: nodeId("App", app.id),
    owner: formatAccount(hub, users[0]?.login ?? "octo"),
    name: hub.manifest.name,
    description: hub.manifest.description,
    external_url: hub.manifest.homepage,
    html_url: `${hub.urls.web}/apps/${hub.manifest.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: hub.manifest.permissions,
    events: hub.manifest.events,
    installations_count: hub.state.installations.length,
  };
}

/** The App as it stands inside check runs and deployments. */
export function formatAppInside(hub: Hub): JsonObject {
  const { installations_count: _count, ...app } = formatApp(hub);
  return app;
}

/** The App behind a bot's login, as `performed_via_github_app`; null for a person. */
export function formatPerformer(hub: Hub, login: string): JsonObject | null {
  if (login === botLogin(hub)) return formatAppInside(hub);
  const other = findOtherApp(hub, login);
  if (!other) return null;
  return {
    id: other.id,
    slug: other.slug,
    client_id: `Iv1.${other.id}`,
    node_id: nodeId("App", other.id),
    owner: formatAccount(hub, other.account),
    name: other.name,
    description: "",
    external_url: hub.urls.web,
    html_url: `${hub.urls.web}/apps/${other.slug}`,
    created_at: other.createdAt,
    updated_at: other.createdAt,
    permissions: other.permissions,
    events: [],
  };
}

/** An installation of the App. */
export function formatInstallation(hub: Hub, installation: Installation): JsonObject {
  const account = formatAccount(hub, installation.account);
  return {
    id: installation.id,
    client_id: `Iv23li${hub.state.app.id}`,
    account,
    repository_selection: installation.repositoryIds ? "selected" : "all",
    access_tokens_url: `${hub.urls.api}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${hub.urls.api}/installation/repositories`,
    html_url: `${hub.urls.web}/settings/installations/${installation.id}`,
    app_id: hub.state.app.id,
    app_slug: hub.manifest.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: installation.events,
    created_at: installation.createdAt,
    updated_at: installation.createdAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  };
}

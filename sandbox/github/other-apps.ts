import { randomBytes } from "node:crypto";
import { addUser } from "./accounts.ts";
import { findOtherApp, nextId, timestamp } from "./hub.ts";
import type { LiveHub } from "./webhooks.ts";

/** An App to be installed beside ours. */
export interface NewOtherApp {
  readonly owner: string;
  /** Such as `github-actions`; its bot is `<slug>[bot]`. */
  readonly slug: string;
  readonly name?: string;
  /** What a workflow may do by default, when left out. */
  readonly permissions?: Readonly<Record<string, string>>;
}

const usual = {
  metadata: "read",
  contents: "read",
  deployments: "write",
  issues: "write",
  pull_requests: "write",
  statuses: "write",
};

/** Installs another App on an account, or finds it there; returns its bot's login and token. */
export function addOtherApp(
  hub: LiveHub,
  { owner, slug, name = slug, permissions = usual }: NewOtherApp,
): { readonly login: string; readonly token: string } {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug) || slug === hub.manifest.slug)
    throw new Error(`adding the app ${JSON.stringify(slug)}: use small letters, digits and dashes`);
  const login = `${slug}[bot]`;
  const account = addUser(hub, { login: owner }).login;
  if (!findOtherApp(hub, login)) {
    const createdAt = timestamp(hub.now());
    hub.state.otherApps.push({ id: nextId(hub), slug, name, account, permissions, createdAt });
    hub.changed();
  }
  return addUser(hub, { login, type: "Bot", token: `ghs_${randomBytes(18).toString("hex")}` });
}

import { readFileSync } from "node:fs";
import { Probot } from "probot";
import { describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { createApp, HANDLED_EVENTS } from "../src/app.ts";
import { WEBHOOK_PATH } from "../src/web/intake/intake.ts";
import { TEST_APP } from "./support/app-key.ts";
import { codeOnly, readSourceFiles } from "./support/source-files.ts";

const manifest = z
  .object({
    public: z.boolean(),
    hook_attributes: z.object({ url: z.string(), active: z.boolean() }),
    default_events: z.array(z.string()),
    default_permissions: z.record(z.string(), z.string()),
  })
  .parse(parse(readFileSync("app.yml", "utf8")));

/** The permission that GitHub's documentation demands for each call that Skep makes; null: the App itself may. */
const PERMISSION_OF: Readonly<Record<string, string | null>> = {
  "apps.createInstallationAccessToken": null,
  "checks.create": "checks: write",
  "checks.listForRef": "checks: read",
  "checks.update": "checks: write",
  // Where an issue is a pull request, the permission for pull requests does for comments, but not for reactions.
  "issues.createComment": "pull_requests: write",
  "issues.listComments": "pull_requests: read",
  "issues.updateComment": "pull_requests: write",
  "reactions.createForIssueComment": "issues: write",
  "reactions.deleteForIssueComment": "issues: write",
  "repos.createDeployment": "deployments: write",
  "repos.createDeploymentStatus": "deployments: write",
  "repos.getCollaboratorPermissionLevel": "metadata: read",
  "repos.listDeploymentStatuses": "deployments: read",
  "repos.listDeployments": "deployments: read",
};
/** The permission that GitHub's documentation demands for telling of an event. */
const PERMISSION_OF_EVENT: Readonly<Record<string, string>> = {
  check_run: "checks: read",
  deployment: "deployments: read",
  issue_comment: "issues: read",
  pull_request: "pull_requests: read",
  push: "contents: read",
  release: "contents: read",
};
/** `git fetch` with an installation's token. */
const GIT_PERMISSION = "contents: read";

function calls(): string[] {
  const found = readSourceFiles("src").flatMap(({ text }) =>
    [...codeOnly(text).matchAll(/\.rest\.(\w+)\.(\w+)\(/g)].map(
      ([, group = "", name = ""]) => `${group}.${name}`,
    ),
  );
  return [...new Set(found)].toSorted();
}

describe("app.yml", () => {
  it("subscribes to exactly the events that have a handler", () => {
    const probot = new Probot({ appId: TEST_APP.id, privateKey: TEST_APP.privateKey });
    const on = vi.spyOn(probot, "on");
    createApp(TEST_APP.id, () => undefined)(probot);
    const handled = on.mock.calls.map(([name]) => String(name).replace(/\..*/, ""));
    expect(handled.toSorted()).toEqual(manifest.default_events.toSorted());
    expect([...HANDLED_EVENTS].toSorted()).toEqual(manifest.default_events.toSorted());
  });

  it("asks for exactly the permissions that Skep's calls need", () => {
    expect(calls()).toEqual(Object.keys(PERMISSION_OF).toSorted());
    const needed = new Map<string, string>([["metadata", "read"]]);
    expect(Object.keys(PERMISSION_OF_EVENT).toSorted()).toEqual([...HANDLED_EVENTS].toSorted());
    const all = [...Object.values(PERMISSION_OF), ...Object.values(PERMISSION_OF_EVENT)];
    for (const permission of [...all, GIT_PERMISSION]) {
      const [name = "", access = ""] = (permission ?? "metadata: read").split(": ");
      if (needed.get(name) !== "write") needed.set(name, access);
    }
    expect(manifest.default_permissions).toEqual(Object.fromEntries(needed));
  });

  it("calls GitHub by named operations only, so that the list above is whole", () => {
    const raw = /octokit\.request\(|client\.request\(\s*["'`](GET|POST|PUT|PATCH|DELETE) /;
    const offenders = readSourceFiles("src").filter(({ text }) => raw.test(text));
    expect(offenders.map(({ path }) => path)).toEqual([]);
  });

  it("sends webhooks to where Skep takes them, and is no public App", () => {
    expect(new URL(manifest.hook_attributes.url).pathname).toBe(WEBHOOK_PATH);
    expect(manifest.hook_attributes.active).toBe(true);
    expect(manifest.public).toBe(false);
  });
});

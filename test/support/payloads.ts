import { REPOSITORY, sha } from "./records.ts";

/** Skep's own App, as payloads name it. */
export const APP_ID = 4_711;

/** What every payload of the test repository has. */
export const ORIGIN = {
  repository: {
    id: REPOSITORY.id,
    name: REPOSITORY.name,
    owner: { login: REPOSITORY.owner },
    default_branch: "main",
  },
  installation: { id: REPOSITORY.installationId },
  sender: { login: "ana" },
};

/** A push to main. */
export function pushPayload(overrides: object = {}): object {
  return {
    ...ORIGIN,
    ref: "refs/heads/main",
    before: sha("0"),
    after: sha("a"),
    deleted: false,
    head_commit: { id: sha("a"), message: "Add the shop\n\nAt last." },
    pusher: { name: "ana" },
    ...overrides,
  };
}

/** The press of the Retry button of a check run. */
export function checkRunPayload(overrides: object = {}, run: object = {}): object {
  return {
    ...ORIGIN,
    action: "requested_action",
    requested_action: { identifier: "retry" },
    check_run: { external_id: "dep_1", head_sha: sha("a"), app: { id: APP_ID }, ...run },
    ...overrides,
  };
}

/** A comment on an open pull request. */
export function commentPayload(
  body: string,
  overrides: { readonly comment?: object; readonly issue?: object; readonly action?: string } = {},
): object {
  return {
    ...ORIGIN,
    action: overrides.action ?? "created",
    issue: { number: 5, state: "open", pull_request: { url: "…" }, ...overrides.issue },
    comment: {
      id: 77,
      body,
      created_at: "2026-01-05T12:03:10Z",
      user: { login: "ana", type: "User" },
      performed_via_github_app: null,
      ...overrides.comment,
    },
  };
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCheckRun } from "../../src/handlers/check-run.ts";
import { decodePush } from "../../src/handlers/push.ts";
import { pushIntent, REPOSITORY, sha } from "../support/records.ts";

const APP_ID = 4_711;

const ORIGIN = {
  repository: {
    id: REPOSITORY.id,
    name: REPOSITORY.name,
    owner: { login: REPOSITORY.owner },
    default_branch: "main",
  },
  installation: { id: REPOSITORY.installationId },
  sender: { login: "ana" },
};

function push(overrides: object = {}): object {
  return {
    ...ORIGIN,
    ref: "refs/heads/main",
    before: sha("0"),
    after: sha("a"),
    deleted: false,
    head_commit: { message: "Add the shop\n\nAt last." },
    pusher: { name: "ana" },
    ...overrides,
  };
}

function checkRun(overrides: object = {}, run: object = {}): object {
  return {
    ...ORIGIN,
    action: "requested_action",
    requested_action: { identifier: "retry" },
    check_run: { external_id: "dep_1", head_sha: sha("a"), app: { id: APP_ID }, ...run },
    ...overrides,
  };
}

describe("a push", () => {
  it("is an intent when it moves a branch", () => {
    expect(decodePush(push(), "guid-1")).toEqual({ kind: "intent", intent: pushIntent() });
  });

  it.each([
    ["no commit of its own", { head_commit: null }, { title: "" }],
    ["no sender", { sender: undefined, pusher: { name: "bot" } }, { actor: "bot" }],
    ["a slash in its branch", { ref: "refs/heads/a/b" }, { ref: "refs/heads/a/b" }],
    ["a hostile branch", { ref: "refs/heads/$(reboot)" }, { ref: "refs/heads/$(reboot)" }],
    ["an endless title", { head_commit: { message: "x".repeat(999) } }, { title: "x".repeat(200) }],
  ])("may have %s", (_, overrides, expected) => {
    const intent = pushIntent(expected);
    expect(decodePush(push(overrides), "guid-1")).toEqual({ kind: "intent", intent });
  });

  it.each([
    ["a deleted branch", { deleted: true, after: sha("0"), head_commit: null }, "branch_deleted"],
    ["a tag", { ref: "refs/tags/v1" }, "event_ignored"],
    ["a deleted tag", { ref: "refs/tags/v1", deleted: true }, "event_ignored"],
    ["notes", { ref: "refs/notes/commits" }, "event_ignored"],
    ["no installation", { installation: undefined }, "event_ignored"],
    ["a short commit", { after: "abc" }, "event_ignored"],
    ["an option as commit", { after: "--upload-pack=x" }, "event_ignored"],
    [
      "a path as name",
      { repository: { ...ORIGIN.repository, name: "../../etc" } },
      "event_ignored",
    ],
    ["dots as name", { repository: { ...ORIGIN.repository, name: ".." } }, "event_ignored"],
    [
      "an address as owner",
      { repository: { ...ORIGIN.repository, owner: { login: "a@evil.example/x" } } },
      "event_ignored",
    ],
  ])("of %s is ignored", (_, overrides, code) => {
    expect(decodePush(push(overrides), "guid-1")).toMatchObject({ kind: "ignored", code });
  });
});

describe("a check run", () => {
  const retry = {
    kind: "intent",
    intent: {
      kind: "retry",
      repository: REPOSITORY,
      actor: "ana",
      deliveryGuid: "guid-1",
      deploymentId: "dep_1",
      sha: sha("a"),
    },
  };

  it("asks for a retry by our button and by GitHub's own", () => {
    expect(decodeCheckRun(checkRun(), "guid-1", APP_ID)).toEqual(retry);
    const again = checkRun({ action: "rerequested", requested_action: undefined });
    expect(decodeCheckRun(again, "guid-1", APP_ID)).toEqual(retry);
  });

  it.each([
    ["of another App", checkRun({}, { app: { id: 1 } })],
    ["of no App", checkRun({}, { app: null })],
    ["with another button", checkRun({ requested_action: { identifier: "rollback" } })],
    ["that was created", checkRun({ action: "created" })],
    ["that ended", checkRun({ action: "completed" })],
    ["that names no deployment", checkRun({}, { external_id: "" })],
    ["with null as external id", checkRun({}, { external_id: null })],
    ["without a sender", checkRun({ sender: undefined })],
    ["with a short commit", checkRun({}, { head_sha: "abc" })],
  ])("%s is ignored", (_, payload) => {
    expect(decodeCheckRun(payload, "guid-1", APP_ID)).toMatchObject({
      kind: "ignored",
      code: "event_ignored",
    });
  });
});

it("never throws, whatever the payload", () => {
  fc.assert(
    fc.property(fc.anything(), (payload) => {
      expect(decodePush(payload, "g").kind).toBe("ignored");
      expect(decodeCheckRun(payload, "g", APP_ID).kind).toBe("ignored");
    }),
    { numRuns: 500 },
  );
});

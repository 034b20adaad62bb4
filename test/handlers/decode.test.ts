import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCheckRun } from "../../src/handlers/check-run.ts";
import { decodePush } from "../../src/handlers/push.ts";
import { APP_ID, checkRunPayload, ORIGIN, pushPayload } from "../support/payloads.ts";
import { pushIntent, REPOSITORY, sha } from "../support/records.ts";

describe("a push", () => {
  it("is an intent when it moves a branch", () => {
    expect(decodePush(pushPayload(), "guid-1")).toEqual({ kind: "intent", intent: pushIntent() });
  });

  it.each([
    ["no commit of its own", { head_commit: null }, { title: "" }],
    ["no sender", { sender: undefined, pusher: { name: "bot" } }, { actor: "bot" }],
    ["a slash in its branch", { ref: "refs/heads/a/b" }, { ref: "refs/heads/a/b" }],
    ["a hostile branch", { ref: "refs/heads/$(reboot)" }, { ref: "refs/heads/$(reboot)" }],
    ["an endless title", { head_commit: { message: "x".repeat(999) } }, { title: "x".repeat(200) }],
  ])("may have %s", (_, overrides, expected) => {
    const intent = pushIntent(expected);
    expect(decodePush(pushPayload(overrides), "guid-1")).toEqual({ kind: "intent", intent });
  });

  it.each([
    ["a deleted branch", { deleted: true, after: sha("0"), head_commit: null }, "branch_deleted"],
    ["a tag without a name", { ref: "refs/tags/" }, "event_ignored"],
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
    expect(decodePush(pushPayload(overrides), "guid-1")).toMatchObject({ kind: "ignored", code });
  });
});

describe("a push of a tag", () => {
  const intent = {
    kind: "tag",
    cause: "push",
    repository: REPOSITORY,
    actor: "ana",
    deliveryGuid: "guid-1",
    tag: "v1.9.0",
    sha: sha("a"),
    title: "Add the shop",
    defaultBranch: "main",
  };
  const annotation = sha("e");

  it.each([
    ["a plain one", {}, {}],
    ["an annotated one, whose own object is no commit", { after: annotation }, {}],
    ["one of no commit", { head_commit: null, after: annotation }, { sha: null, title: null }],
    ["one with a slash", { ref: "refs/tags/api/v1" }, { tag: "api/v1" }],
    ["a hostile one", { ref: "refs/tags/--upload-pack=x" }, { tag: "--upload-pack=x" }],
  ])("asks for it: %s", (_, overrides, expected) => {
    const payload = pushPayload({ ref: "refs/tags/v1.9.0", ...overrides });
    expect(decodePush(payload, "guid-1")).toEqual({
      kind: "intent",
      intent: { ...intent, ...expected },
    });
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
      defaultBranch: "main",
    },
  };

  it("asks for a retry by our button and by GitHub's own", () => {
    expect(decodeCheckRun(checkRunPayload(), "guid-1", APP_ID)).toEqual(retry);
    const again = checkRunPayload({ action: "rerequested", requested_action: undefined });
    expect(decodeCheckRun(again, "guid-1", APP_ID)).toEqual(retry);
  });

  it("asks to go back by our other button", () => {
    const payload = checkRunPayload({ requested_action: { identifier: "roll_back" } });
    expect(decodeCheckRun(payload, "guid-1", APP_ID)).toEqual({
      kind: "intent",
      intent: {
        kind: "roll_back",
        repository: REPOSITORY,
        actor: "ana",
        deliveryGuid: "guid-1",
        deploymentId: "dep_1",
        defaultBranch: "main",
      },
    });
  });

  it.each([
    ["of another App", checkRunPayload({}, { app: { id: 1 } })],
    ["of no App", checkRunPayload({}, { app: null })],
    ["with another button", checkRunPayload({ requested_action: { identifier: "rollback" } })],
    ["that was created", checkRunPayload({ action: "created" })],
    ["that ended", checkRunPayload({ action: "completed" })],
    ["that names no deployment", checkRunPayload({}, { external_id: "" })],
    ["with null as external id", checkRunPayload({}, { external_id: null })],
    ["without a sender", checkRunPayload({ sender: undefined })],
    ["with a short commit", checkRunPayload({}, { head_sha: "abc" })],
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

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDeployment } from "../../src/handlers/deployment.ts";
import { decodePullRequest } from "../../src/handlers/pull-request.ts";
import { decodeRelease } from "../../src/handlers/release.ts";
import { APP_ID, ORIGIN } from "../support/payloads.ts";
import { REPOSITORY, sha } from "../support/records.ts";

const COMMON = { repository: REPOSITORY, actor: "ana", deliveryGuid: "guid-1" };

function release(overrides: object = {}, about: object = {}): object {
  return {
    ...ORIGIN,
    action: "published",
    release: { tag_name: "v1.9.0", draft: false, prerelease: false, ...about },
    ...overrides,
  };
}

function deployment(about: object = {}, overrides: object = {}): object {
  return {
    ...ORIGIN,
    action: "created",
    deployment: {
      id: 88,
      sha: sha("a"),
      ref: "v1.9.0",
      task: "deploy",
      environment: "production",
      description: "From Slack",
      payload: {},
      creator: { login: "ana", type: "User" },
      performed_via_github_app: null,
      ...about,
    },
    ...overrides,
  };
}

function pullRequest(action: string, about: object = {}): object {
  return {
    ...ORIGIN,
    action,
    pull_request: {
      number: 5,
      state: "open",
      updated_at: "2026-01-05T12:03:10Z",
      head: { sha: sha("a"), repo: { id: REPOSITORY.id } },
      base: { repo: { id: REPOSITORY.id } },
      ...about,
    },
  };
}

describe("a release", () => {
  it("asks for its tag once it is published, a pre-release as well", () => {
    const intent = {
      ...COMMON,
      kind: "tag",
      cause: "release",
      tag: "v1.9.0",
      sha: null,
      title: null,
      defaultBranch: "main",
    };
    expect(decodeRelease(release(), "guid-1")).toEqual({ kind: "intent", intent });
    const early = release({}, { prerelease: true });
    expect(decodeRelease(early, "guid-1")).toEqual({ kind: "intent", intent });
  });

  it.each([
    ["created", release({ action: "created" })],
    ["released", release({ action: "released" })],
    ["edited", release({ action: "edited" })],
    ["deleted", release({ action: "deleted" })],
    ["a draft", release({}, { draft: true })],
    ["of no tag", release({}, { tag_name: "" })],
    ["of an endless tag", release({}, { tag_name: "x".repeat(256) })],
  ])("%s is ignored", (_, payload) => {
    expect(decodeRelease(payload, "g")).toMatchObject({ kind: "ignored", code: "event_ignored" });
  });
});

describe("a GitHub deployment", () => {
  const intent = {
    ...COMMON,
    kind: "github_deployment",
    githubDeploymentId: 88,
    sha: sha("a"),
    ref: "v1.9.0",
    environment: "production",
    description: "From Slack",
    isBot: false,
    defaultBranch: "main",
  };
  const ours = { skep: { deployment: "dep_1" } };
  const bot = { creator: { login: "x[bot]", type: "Bot" } };

  it.each([
    ["of a person", {}, {}],
    ["of a person through another App", { performed_via_github_app: { id: 9 } }, {}],
    ["of a bot", bot, { actor: "x[bot]", isBot: true }],
    ["without a description", { description: null }, { description: "" }],
    ["with an endless one", { description: "x".repeat(9_999) }, { description: "x".repeat(500) }],
    ["of a person who copies Skep's payload", { payload: ours }, {}],
    [
      "of another App with Skep's payload",
      { ...bot, payload: ours, performed_via_github_app: { id: 9 } },
      { actor: "x[bot]", isBot: true },
    ],
    ["with text as payload", { payload: "{nothing" }, {}],
    ["without a payload", { payload: undefined, task: undefined }, {}],
    [
      "with hostile words",
      { ref: "--upload-pack=x", environment: "../.." },
      { ref: "--upload-pack=x", environment: "../.." },
    ],
  ])("%s is asked for", (_, about, expected) => {
    expect(decodeDeployment(deployment(about), "guid-1", APP_ID)).toEqual({
      kind: "intent",
      intent: { ...intent, ...expected },
    });
  });

  it.each([
    ["Skep made", { performed_via_github_app: { id: APP_ID } }, "itself"],
    ["Skep made, where GitHub tells no App", { ...bot, payload: ours }, "itself"],
    ["Skep made, with text as payload", { ...bot, payload: JSON.stringify(ours) }, "itself"],
    ["is for another task", { task: "deploy:migrations" }, "task"],
    ["nobody made", { creator: null }, "nobody"],
    ["names a short commit", { sha: "abc" }, "sha"],
    ["names an endless environment", { environment: "x".repeat(501) }, "environment"],
  ])("that %s is ignored", (_, about, message) => {
    expect(decodeDeployment(deployment(about), "g", APP_ID)).toEqual({
      kind: "ignored",
      code: "event_ignored",
      message: expect.stringContaining(message) as string,
    });
  });
});

describe("a pull request", () => {
  const sighting = {
    repositoryId: REPOSITORY.id,
    number: 5,
    headSha: sha("a"),
    isFork: false,
    isOpen: true,
    at: Date.UTC(2026, 0, 5, 12, 3, 10),
  };
  it.each([
    "opened",
    "reopened",
    "synchronize",
    "closed",
    "edited",
    "ready_for_review",
    "converted_to_draft",
  ])("tells of its head when it is %s", (action) => {
    const decoded = decodePullRequest(pullRequest(action));
    expect(decoded).toEqual({ kind: "sighting", sighting });
  });

  it.each([
    [
      "another repository",
      { head: { sha: sha("b"), repo: { id: 8 } } },
      { headSha: sha("b"), isFork: true },
    ],
    [
      "a fork that is gone",
      { head: { sha: sha("b"), repo: null } },
      { headSha: sha("b"), isFork: true },
    ],
    ["a closed one", { state: "closed" }, { isOpen: false }],
    ["another zone's time", { updated_at: "2026-01-05T14:03:10+02:00" }, {}],
  ])("may be of %s", (_, about, expected) => {
    const decoded = decodePullRequest(pullRequest("synchronize", about));
    expect(decoded).toEqual({ kind: "sighting", sighting: { ...sighting, ...expected } });
  });

  it.each(["labeled", "assigned", "locked", "review_requested", "auto_merge_enabled"])(
    "that is %s tells nothing",
    (action) => {
      expect(decodePullRequest(pullRequest(action))).toMatchObject({ kind: "ignored" });
    },
  );
});

it("never throws, whatever the payload", () => {
  fc.assert(
    fc.property(fc.anything(), (payload) => {
      expect(decodeRelease(payload, "g").kind).toBe("ignored");
      expect(decodeDeployment(payload, "g", APP_ID).kind).toBe("ignored");
      expect(decodePullRequest(payload).kind).toBe("ignored");
    }),
    { numRuns: 500 },
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandCommentOf, decodeIssueComment } from "../../src/handlers/issue-comment.ts";
import { commentPayload, ORIGIN } from "../support/payloads.ts";
import { delivery, REPOSITORY } from "../support/records.ts";

const COMMENT = {
  repository: REPOSITORY,
  number: 5,
  commentId: 77,
  actor: "ana",
  createdAt: Date.UTC(2026, 0, 5, 12, 3, 10),
};

function commentOf(payload: unknown, event = "issue_comment") {
  return commandCommentOf(delivery({ event, payload: JSON.stringify(payload) }));
}

describe("a comment", () => {
  it("asks for each of its commands, in the order of their lines", () => {
    const body = "Looks good.\n/deploy staging at v1.9.0\n> /deploy production\n/rolback\n/status";
    const common = {
      kind: "command",
      repository: REPOSITORY,
      actor: "ana",
      deliveryGuid: "guid-1",
      comment: COMMENT,
      isPullRequestOpen: true,
      defaultBranch: "main",
    };
    expect(decodeIssueComment(commentPayload(body), "guid-1")).toEqual([
      {
        kind: "intent",
        intent: {
          ...common,
          line: 2,
          text: "/deploy staging at v1.9.0",
          asked: {
            kind: "command",
            command: { verb: "deploy", words: ["staging"], at: "v1.9.0" },
          },
        },
      },
      {
        kind: "intent",
        intent: {
          ...common,
          line: 4,
          text: "/rolback",
          asked: {
            kind: "reply",
            code: "unknown_command",
            message: expect.stringContaining("/rollback") as string,
            suggestion: "/rollback",
          },
        },
      },
      {
        kind: "intent",
        intent: {
          ...common,
          line: 5,
          text: "/status",
          asked: { kind: "command", command: { verb: "status", words: [] } },
        },
      },
    ]);
    expect(commentOf(commentPayload(body))).toEqual(COMMENT);
  });

  it("knows whether its pull request is closed", () => {
    const payload = commentPayload("/status", { issue: { state: "closed" } });
    expect(decodeIssueComment(payload, "g")).toMatchObject([
      { kind: "intent", intent: { isPullRequestOpen: false } },
    ]);
  });

  it("keeps no endless line", () => {
    const [decoded] = decodeIssueComment(commentPayload(`/deploy ${"x".repeat(60_000)}`), "g");
    if (decoded?.kind !== "intent" || decoded.intent.kind !== "command") throw new Error("none");
    expect(decoded.intent.text).toHaveLength(1_000);
  });

  const bot = { user: { login: "other[bot]", type: "Bot" } };
  const app = { performed_via_github_app: { id: 9 } };
  const issue = { pull_request: undefined };
  it.each([
    ["without commands", commentPayload("Looks good."), "event_ignored", "holds no commands"],
    ["that is empty", commentPayload(""), "event_ignored", "holds no commands"],
    ["for another bot", commentPayload("/lgtm"), "event_ignored", "holds no commands"],
    ["in a code block", commentPayload("```\n/deploy\n```"), "event_ignored", "no commands"],
    ["that was edited", commentPayload("/deploy", { action: "edited" }), "event_ignored", "edited"],
    ["that was deleted", commentPayload("/deploy", { action: "deleted" }), "event_ignored", "dele"],
    ["of a bot", commentPayload("/deploy", { comment: bot }), "event_ignored", "by a program"],
    ["through an App", commentPayload("/deploy", { comment: app }), "event_ignored", "a program"],
    ["of a ghost", commentPayload("/deploy", { comment: { user: null } }), "event_ignored", "who"],
    ["on an issue", commentPayload("/deploy", { issue }), "not_a_pull_request", "plain issues"],
    ["on an issue, without", commentPayload("Hi", { issue }), "event_ignored", "no commands"],
    [
      "of no installation",
      { ...commentPayload("/deploy"), installation: null },
      "event_ignored",
      "",
    ],
    [
      "at no time",
      commentPayload("/deploy", { comment: { created_at: "x" } }),
      "event_ignored",
      "",
    ],
  ])("%s is ignored, and not acknowledged", (_, payload, code, message) => {
    expect(decodeIssueComment(payload, "g")).toEqual([
      { kind: "ignored", code, message: expect.stringContaining(message) as string },
    ]);
    expect(commentOf(payload)).toBeNull();
  });

  it("is looked for only in its own event, and in what is JSON", () => {
    expect(commentOf(commentPayload("/deploy"), "pull_request_review_comment")).toBeNull();
    const broken = delivery({ event: "issue_comment", payload: "{" });
    expect(commandCommentOf(broken)).toBeNull();
  });

  it("is read whatever it holds, with at most one outcome a line", () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom("/deploy", "/rollback v1", "/depoly x", "```", "> /deploy", "<!--"),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const body = lines.join("\n");
        const decoded = decodeIssueComment(commentPayload(body), "g");
        const at = decoded.flatMap((one) =>
          one.kind === "intent" && one.intent.kind === "command" ? [one.intent.line] : [],
        );
        expect(new Set(at).size).toBe(at.length);
        expect(at).toEqual(at.toSorted((a, b) => a - b));
        expect(commentOf(commentPayload(body)) !== null).toBe(at.length > 0);
        expect(decoded.length).toBeGreaterThan(0);
      }),
    );
  });

  it("never throws, whatever the payload", () => {
    fc.assert(
      fc.property(fc.anything(), (payload) => {
        expect(decodeIssueComment(payload, "g")).toMatchObject([{ kind: "ignored" }]);
        expect(decodeIssueComment({ ...ORIGIN, comment: payload }, "g")).toHaveLength(1);
      }),
    );
  });
});

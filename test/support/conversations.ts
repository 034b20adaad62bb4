import type { ConversationView, EnvironmentView } from "../../src/checks/conversation/view.ts";
import type { Deployment } from "../../src/deployment.ts";
import type { CommandComment } from "../../src/intent.ts";
import type { Answer, AnswerResult, ConversationReport } from "../../src/store/conversation.ts";
import type { EnvironmentRecord } from "../../src/store/ports.ts";
import { CREATED_AT } from "./deployments.ts";
import { REPOSITORY } from "./records.ts";

/** A comment on pull request 12 of the test repository. */
export function commandComment(overrides: Partial<CommandComment> = {}): CommandComment {
  return {
    repository: REPOSITORY,
    number: 12,
    commentId: 501,
    actor: "ana",
    createdAt: CREATED_AT,
    ...overrides,
  };
}

/** What came of a line; each line of a comment is an intent of its own. */
export function answer(
  text: string,
  result: AnswerResult,
  overrides: Partial<CommandComment> & { readonly line?: number; readonly at?: number } = {},
): Answer {
  const { line = 1, at = CREATED_AT + 500, ...about } = overrides;
  const comment = commandComment(about);
  return { intentId: `int_${comment.commentId}_${line}`, comment, line, text, at, result };
}

/** A refusal of a command. */
export function refused(
  overrides: Partial<Extract<AnswerResult, { readonly kind: "refused" }>> = {},
): AnswerResult {
  return {
    kind: "refused",
    code: "environment_unknown",
    message: "there is no environment `prod`",
    nextStep: "Name one of `production`, `staging`.",
    suggestion: "/deploy production",
    ...overrides,
  };
}

/** The production environment, in which nothing ran yet. */
export function environmentRecord(overrides: Partial<EnvironmentRecord> = {}): EnvironmentRecord {
  return {
    repositoryId: REPOSITORY.id,
    app: "shop",
    environment: "production",
    stackName: "shop-production",
    decidedSha: null,
    decidedVersion: null,
    hold: null,
    desiredReleaseId: null,
    activeDeploymentId: null,
    ...overrides,
  };
}

/** An environment as the comment shows it. */
export function environmentView(overrides: Partial<EnvironmentView> = {}): EnvironmentView {
  return { record: environmentRecord(), active: null, open: [], history: [], ...overrides };
}

/** A conversation of which nothing was told yet. */
export function conversationReport(
  overrides: Partial<ConversationReport> = {},
): ConversationReport {
  return {
    repositoryId: REPOSITORY.id,
    number: 12,
    repository: REPOSITORY,
    statusCommentId: null,
    sent: {},
    aboutTo: [],
    sentVersion: 0,
    attempts: 0,
    nextAttemptAt: 0,
    lastError: null,
    ...overrides,
  };
}

/** All that the answer to a conversation is made from. Comments are those of the answers when none are given. */
export function conversationView(given: {
  readonly answers?: readonly Answer[];
  readonly comments?: readonly CommandComment[];
  readonly deployments?: readonly Deployment[];
  readonly environments?: readonly EnvironmentView[];
  readonly report?: Partial<ConversationReport>;
}): ConversationView {
  const { answers = [], deployments = [], environments = [], report = {} } = given;
  const byId = new Map(answers.map(({ comment }) => [comment.commentId, comment]));
  return {
    conversation: {
      report: conversationReport(report),
      version: 1,
      comments: given.comments ?? [...byId.values()],
      answers,
    },
    deployments: new Map(deployments.map((one) => [one.id, one])),
    environments,
    baseUrl: "https://skep.test",
  };
}
